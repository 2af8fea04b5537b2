// Members of one group in one process, that come and go as standard input says: "join NAME",
// "leave NAME". What happens to them is told in lines of JSON, in its order.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

type event struct {
	Event      string  `json:"event"`
	Member     string  `json:"member"`
	Partitions []int32 `json:"partitions,omitempty"`
	Partition  int32   `json:"partition"`
	From       int64   `json:"from"`
	To         int64   `json:"to"`
	Error      string  `json:"error,omitempty"`
}

type storm struct {
	bootstrap, topic, group, protocol string
	out                               sync.Mutex
	encoder                           *json.Encoder
	members                           map[string]*member
	running                           sync.WaitGroup
}

type member struct {
	client *kgo.Client
	cancel context.CancelFunc
	done   chan struct{}
}

func (s *storm) tell(e event) {
	s.out.Lock()
	defer s.out.Unlock()
	_ = s.encoder.Encode(e)
}

type moved = map[string][]int32

// In a mixed group every other member speaks the new protocol, so that it changes over and over.
func (s *storm) speaksNew(name string) bool {
	return s.protocol == "consumer" || s.protocol == "mixed" && (name[len(name)-1]-'0')%2 == 1
}

func (s *storm) join(name string) {
	base := context.Background()
	if s.speaksNew(name) {
		base = context.WithValue(base, "opt_in_kafka_next_gen_balancer_beta", true)
	}
	told := func(what string) func(context.Context, *kgo.Client, moved) {
		return func(_ context.Context, _ *kgo.Client, partitions moved) {
			s.tell(event{Event: what, Member: name, Partitions: partitions[s.topic]})
		}
	}
	client, err := kgo.NewClient(
		kgo.SeedBrokers(s.bootstrap), kgo.ConsumerGroup(s.group), kgo.ConsumeTopics(s.topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.WithContext(base),
		kgo.DisableAutoCommit(), kgo.BlockRebalanceOnPoll(),
		kgo.HeartbeatInterval(100*time.Millisecond), kgo.FetchMaxWait(100*time.Millisecond),
		kgo.OnPartitionsAssigned(told("assigned")), kgo.OnPartitionsRevoked(told("revoked")),
		kgo.OnPartitionsLost(told("lost")),
	)
	if err != nil {
		s.tell(event{Event: "failed", Member: name, Error: err.Error()})
		return
	}
	ctx, cancel := context.WithCancel(base)
	m := &member{client, cancel, make(chan struct{})}
	s.members[name] = m
	s.tell(event{Event: "joining", Member: name})
	go func() {
		defer close(m.done)
		for ctx.Err() == nil {
			s.poll(ctx, name, client)
		}
	}()
}

// What is polled is committed before the next rebalance may take it away.
func (s *storm) poll(ctx context.Context, name string, client *kgo.Client) {
	defer client.AllowRebalance()
	fetches := client.PollFetches(ctx)
	for _, e := range fetches.Errors() {
		if !errors.Is(e.Err, context.Canceled) && !errors.Is(e.Err, kgo.ErrClientClosed) {
			s.tell(event{Event: "error", Member: name, Error: e.Err.Error()})
		}
	}
	if fetches.NumRecords() == 0 {
		return
	}
	fetches.EachPartition(func(p kgo.FetchTopicPartition) {
		if n := len(p.Records); n > 0 {
			from, to := p.Records[0].Offset, p.Records[n-1].Offset+1
			s.tell(event{Event: "read", Member: name, Partition: p.Partition, From: from, To: to})
		}
	})
	limited, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := client.CommitUncommittedOffsets(limited); err != nil {
		s.tell(event{Event: "refused", Member: name, Error: err.Error()})
	}
}

func (s *storm) leave(name string) {
	m := s.members[name]
	delete(s.members, name)
	s.running.Go(func() {
		m.cancel()
		<-m.done
		m.client.CloseAllowingRebalance()
		s.tell(event{Event: "left", Member: name})
	})
}

func main() {
	s := &storm{
		bootstrap: os.Args[1], topic: os.Args[2], group: os.Args[3], protocol: os.Args[4],
		encoder: json.NewEncoder(os.Stdout), members: map[string]*member{},
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		word, name, _ := strings.Cut(lines.Text(), " ")
		if word == "join" {
			s.join(name)
		} else {
			s.leave(name)
		}
	}
	for name := range s.members {
		s.leave(name)
	}
	s.running.Wait()
}
