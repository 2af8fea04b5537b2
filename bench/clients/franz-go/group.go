package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const sampleEvery = 5 * time.Millisecond

// A member of the group and what it was given.
type member struct {
	client     *kgo.Client
	partitions atomic.Int64
	records    atomic.Int64
}

func (m *member) run(ctx context.Context) {
	for ctx.Err() == nil {
		m.records.Add(int64(m.client.PollFetches(ctx).NumRecords()))
	}
}

func (m *member) count(by int64) func(context.Context, *kgo.Client, map[string][]int32) {
	return func(_ context.Context, _ *kgo.Client, moved map[string][]int32) {
		for _, partitions := range moved {
			m.partitions.Add(by * int64(len(partitions)))
		}
	}
}

// The members of one group read a topic from its start to its end. The clock starts when every
// member has its partitions: joining is another figure.
func group(o options) (any, error) {
	ctx, cancel := context.WithTimeout(protocolContext(o), limit)
	defer cancel()
	members := make([]*member, o.members)
	for i := range members {
		m := &member{}
		lost := kgo.OnPartitionsLost(m.count(-1))
		revoked := kgo.OnPartitionsRevoked(m.count(-1))
		client, err := newMember(ctx, o, kgo.OnPartitionsAssigned(m.count(1)), revoked, lost)
		if err != nil {
			return nil, err
		}
		defer client.CloseAllowingRebalance()
		client.PauseFetchTopics(o.topic)
		m.client = client
		members[i] = m
	}
	if err := until(ctx, func() bool { return shared(members, o) }); err != nil {
		return nil, fmt.Errorf("the partitions were not shared out: %w", err)
	}
	records, err := recordsOf(ctx, members[0].client, o)
	if err != nil {
		return nil, err
	}
	from := time.Now()
	for _, m := range members {
		m.client.ResumeFetchTopics(o.topic)
		go m.run(ctx)
	}
	if err := until(ctx, func() bool { return total(members) >= records }); err != nil {
		return nil, fmt.Errorf("%d of %d records came: %w", total(members), records, err)
	}
	seconds := time.Since(from).Seconds()
	if read := total(members); read > records {
		return nil, fmt.Errorf("%d records came, the topic has %d", read, records)
	}
	return map[string]any{
		"seconds": seconds, "messagesPerSecond": float64(records) / seconds,
	}, nil
}

// The ends of a topic that begins at 0.
func recordsOf(ctx context.Context, client *kgo.Client, o options) (int64, error) {
	request := kmsg.NewPtrListOffsetsRequest()
	topic := kmsg.NewListOffsetsRequestTopic()
	topic.Topic = o.topic
	for i := range o.partitions {
		partition := kmsg.NewListOffsetsRequestTopicPartition()
		partition.Partition = int32(i)
		partition.Timestamp = -1
		topic.Partitions = append(topic.Partitions, partition)
	}
	request.Topics = append(request.Topics, topic)
	response, err := request.RequestWith(ctx, client)
	if err != nil {
		return 0, err
	}
	all := int64(0)
	for _, partition := range response.Topics[0].Partitions {
		if err := kerr.ErrorForCode(partition.ErrorCode); err != nil {
			return 0, err
		}
		all += partition.Offset
	}
	return all, nil
}

func shared(members []*member, o options) bool {
	all := int64(0)
	for _, m := range members {
		if m.partitions.Load() == 0 {
			return false
		}
		all += m.partitions.Load()
	}
	return all == int64(o.partitions)
}

func total(members []*member) int64 {
	all := int64(0)
	for _, m := range members {
		all += m.records.Load()
	}
	return all
}

func until(ctx context.Context, done func() bool) error {
	for !done() {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		time.Sleep(sampleEvery)
	}
	return nil
}
