// What the benches need of franz-go; one line of JSON on standard output.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
)

type options struct {
	bootstrap, topic, group, protocol string
	members, partitions               int
}

func main() {
	if len(os.Args) < 2 {
		fail(fmt.Errorf("usage: franz-go join|group [flags]"))
	}
	var o options
	flags := flag.NewFlagSet(os.Args[1], flag.ExitOnError)
	flags.StringVar(&o.bootstrap, "bootstrap", "", "host:port")
	flags.StringVar(&o.topic, "topic", "", "what is read")
	flags.StringVar(&o.group, "group", "", "the group")
	flags.StringVar(&o.protocol, "protocol", "classic", "classic or consumer")
	flags.IntVar(&o.members, "members", 4, "members of the group")
	flags.IntVar(&o.partitions, "partitions", 4, "partitions of the topic")
	_ = flags.Parse(os.Args[2:])
	var result any
	var err error
	switch os.Args[1] {
	case "join":
		result, err = join(o)
	case "group":
		result, err = group(o)
	default:
		err = fmt.Errorf("no mode %q", os.Args[1])
	}
	if err != nil {
		fail(err)
	}
	line, _ := json.Marshal(result)
	fmt.Println(string(line))
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
