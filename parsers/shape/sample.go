package shape

// Sample is a copy of the text that a shape was read from. It outlives the record.
type Sample []Segment

// maxSample bounds the text that a sample keeps of one segment.
const maxSample = 2 << 10

// Sample copies the text of the record that was read last.
func (t *Tokens) Sample() Sample {
	size := 0
	for _, s := range t.Segments {
		size += len(s.Name) + min(len(s.Text), maxSample)
	}
	memory := make([]byte, 0, size)
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
		sample[i].Text = hold(s.Text[:min(len(s.Text), maxSample)])
	}
	return sample
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
