package probe

import (
	"encoding/binary"
	"fmt"
	"net"
)

// writeProxyHeader writes a header of the PROXY protocol with the true addresses of the connection, so that a server that
// trusts it learns nothing false. Version 0 writes nothing. Source: the PROXY protocol specification, sections 2.1 and 2.2.
func writeProxyHeader(c net.Conn, version int) error {
	if version == 0 {
		return nil
	}
	source, _ := c.LocalAddr().(*net.TCPAddr)
	destination, _ := c.RemoteAddr().(*net.TCPAddr)
	if source == nil || destination == nil {
		return nil
	}
	family, code := "TCP4", byte(0x11)
	from, to := []byte(source.IP.To4()), []byte(destination.IP.To4())
	if from == nil || to == nil {
		family, code, from, to = "TCP6", 0x21, source.IP.To16(), destination.IP.To16()
	}
	header := fmt.Appendf(nil, "PROXY %s %s %s %d %d\r\n", family, source.IP, destination.IP, source.Port, destination.Port)
	if version == 2 {
		header = append([]byte("\r\n\r\n\x00\r\nQUIT\n"), 0x21, code)
		header = binary.BigEndian.AppendUint16(header, uint16(len(from)+len(to)+4))
		header = append(append(header, from...), to...)
		header = binary.BigEndian.AppendUint16(header, uint16(source.Port))
		header = binary.BigEndian.AppendUint16(header, uint16(destination.Port))
	}
	_, err := c.Write(header)
	return err
}
