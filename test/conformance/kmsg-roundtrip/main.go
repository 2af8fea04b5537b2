// Reads messages from standard input, decodes each with franz-go's kmsg, encodes it again and
// writes the bytes to standard output. Both ways a frame is an int32 length and its bytes:
//
//	in:  int16 api key, int16 version, int8 1 for a response, body without header
//	out: int8 status (0 done, 1 kmsg refused it, 2 kmsg does not know key or version), body or text
package main

import (
	"bufio"
	"encoding/binary"
	"io"
	"log"
	"os"

	"github.com/twmb/franz-go/pkg/kmsg"
)

type message interface {
	MaxVersion() int16
	SetVersion(int16)
	ReadFrom([]byte) error
	AppendTo([]byte) []byte
}

const (
	done    = 0
	refused = 1
	unknown = 2
)

func messageFor(key int16, isResponse bool) message {
	if isResponse {
		if response := kmsg.ResponseForKey(key); response != nil {
			return response
		}
		return nil
	}
	if request := kmsg.RequestForKey(key); request != nil {
		return request
	}
	return nil
}

func roundTrip(frame []byte) (byte, []byte) {
	key := int16(binary.BigEndian.Uint16(frame))
	version := int16(binary.BigEndian.Uint16(frame[2:]))
	known := messageFor(key, frame[4] == 1)
	if known == nil || version > known.MaxVersion() {
		return unknown, nil
	}
	known.SetVersion(version)
	if err := known.ReadFrom(frame[5:]); err != nil {
		return refused, []byte(err.Error())
	}
	return done, known.AppendTo(nil)
}

func main() {
	in := bufio.NewReader(os.Stdin)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	head := make([]byte, 4)
	for {
		if _, err := io.ReadFull(in, head); err == io.EOF {
			return
		} else if err != nil {
			log.Fatal(err)
		}
		frame := make([]byte, binary.BigEndian.Uint32(head))
		if _, err := io.ReadFull(in, frame); err != nil {
			log.Fatal(err)
		}
		status, body := roundTrip(frame)
		binary.BigEndian.PutUint32(head, uint32(1+len(body)))
		out.Write(head)
		out.WriteByte(status)
		out.Write(body)
	}
}
