package shape

import "bytes"

// Sample is a copy of the text that a shape was read from. It outlives the record.
type Sample []Segment

// maxSample bounds the text that a sample keeps of one segment.
const maxSample = 2 << 10

// Sample copies the text of the record that was read last, and its head, with which the text shares memory where it is a
// part of it.
func (t *Tokens) Sample(head []byte) (Sample, []byte) {
	size := len(head)
	var small [4]int
	within := small[:0] // where the text of a segment begins in head, -1 for elsewhere
	for _, s := range t.Segments {
		text := s.Text[:min(len(s.Text), maxSample)]
		at := bytes.Index(head, text)
		if at < 0 {
			size += len(text)
		}
		within = append(within, at)
		size += len(s.Name)
	}
	memory := append(make([]byte, 0, size), head...)
	hold := func(b []byte) []byte {
		n := len(memory)
		memory = append(memory, b...)
		return memory[n:len(memory):len(memory)]
	}
	sample := make(Sample, len(t.Segments))
	for i, s := range t.Segments {
		if s.Name != nil {
			sample[i].Name = hold(s.Name)
		}
		text := s.Text[:min(len(s.Text), maxSample)]
		if at := within[i]; at >= 0 {
			sample[i].Text = memory[at : at+len(text) : at+len(text)]
		} else {
			sample[i].Text = hold(text)
		}
	}
	return sample, memory[:len(head):len(head)]
}

// ReadSample tokenises a sample.
func (t *Tokens) ReadSample(sample Sample) {
	t.Segments = t.Segments[:0]
	t.List = t.List[:0]
	for _, s := range sample {
		t.add(s.Name, s.Text)
	}
	t.sum()
}
