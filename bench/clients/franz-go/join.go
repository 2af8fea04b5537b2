package main

import (
	"context"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const limit = 60 * time.Second

// A request and its answer, in milliseconds since the client was made.
type step struct {
	Name   string  `json:"name"`
	SentMs float64 `json:"sentMs"`
	TookMs float64 `json:"tookMs"`
}

// The steps of one client, told by its own hooks.
type steps struct {
	from time.Time
	lock sync.Mutex
	list []step
}

func (s *steps) OnBrokerE2E(_ kgo.BrokerMetadata, key int16, e2e kgo.BrokerE2E) {
	took := e2e.DurationE2E()
	sent := time.Since(s.from) - took
	s.lock.Lock()
	defer s.lock.Unlock()
	s.list = append(s.list, step{kmsg.NameForKey(key), milliseconds(sent), milliseconds(took)})
}

func milliseconds(d time.Duration) float64 {
	return float64(d.Microseconds()) / 1000
}

// From the making of a client to the first record that a new group of one is given, on a topic
// that another client of the same program made and wrote to.
func join(o options) (any, error) {
	ctx, cancel := context.WithTimeout(protocolContext(o), limit)
	defer cancel()
	if err := writeOne(ctx, o); err != nil {
		return nil, err
	}
	s := &steps{from: time.Now()}
	client, err := newMember(ctx, o, kgo.WithHooks(s))
	if err != nil {
		return nil, err
	}
	fetches := client.PollFetches(ctx)
	firstMs := milliseconds(time.Since(s.from))
	if err := fetches.Err(); err != nil {
		return nil, err
	}
	s.lock.Lock()
	list := append([]step{}, s.list...)
	s.lock.Unlock()
	client.Close()
	return map[string]any{"firstRecordMs": firstMs, "steps": list}, nil
}

func writeOne(ctx context.Context, o options) error {
	producer, err := kgo.NewClient(kgo.SeedBrokers(o.bootstrap), kgo.AllowAutoTopicCreation())
	if err != nil {
		return err
	}
	defer producer.Close()
	record := &kgo.Record{Topic: o.topic, Value: []byte("first")}
	return producer.ProduceSync(ctx, record).FirstErr()
}

func protocolContext(o options) context.Context {
	ctx := context.Background()
	if o.protocol == "consumer" {
		return context.WithValue(ctx, "opt_in_kafka_next_gen_balancer_beta", true)
	}
	return ctx
}

func newMember(ctx context.Context, o options, more ...kgo.Opt) (*kgo.Client, error) {
	opts := []kgo.Opt{
		kgo.SeedBrokers(o.bootstrap), kgo.ConsumerGroup(o.group), kgo.ConsumeTopics(o.topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.WithContext(ctx),
	}
	return kgo.NewClient(append(opts, more...)...)
}
