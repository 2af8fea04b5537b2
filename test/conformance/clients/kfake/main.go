// A cluster of three brokers in one process that never keeps still: leaders move every 50 ms,
// requests are refused, appended and then refused, or cut off. It prints its addresses and runs
// until its standard input ends.
package main

import (
	"errors"
	"fmt"
	"io"
	"math/rand"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const (
	moveEvery = 50 * time.Millisecond
	// One request of so many.
	refusedOf = 15
	cutOf     = 60
)

// Those of produce that say a timeout or too few replicas come after the records were appended.
var produceErrors = []*kerr.Error{
	kerr.NotLeaderForPartition, kerr.LeaderNotAvailable, kerr.KafkaStorageError,
	kerr.RequestTimedOut, kerr.NotEnoughReplicasAfterAppend,
}

var fetchErrors = []*kerr.Error{
	kerr.NotLeaderForPartition, kerr.FencedLeaderEpoch, kerr.UnknownLeaderEpoch,
	kerr.OffsetNotAvailable, kerr.KafkaStorageError,
}

// Usage: kfake SEED PARTITIONS TOPIC...
func main() {
	seed, _ := strconv.ParseInt(os.Args[1], 10, 64)
	partitions, _ := strconv.ParseInt(os.Args[2], 10, 32)
	topics := os.Args[3:]
	cluster, err := kfake.NewCluster(
		kfake.NumBrokers(3), kfake.SeedTopics(int32(partitions), topics...))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer cluster.Close()
	countProducerIDs(cluster)
	disturb(cluster, rand.New(rand.NewSource(seed)))
	go move(cluster, rand.New(rand.NewSource(seed+1)), topics, int32(partitions))
	fmt.Printf("ready %s\n", strings.Join(cluster.ListenAddrs(), ","))
	io.Copy(io.Discard, os.Stdin)
}

// kfake's own producer ids are random numbers of 63 bits; a broker counts them up from 0, and the
// client holds an id as a double.
func countProducerIDs(cluster *kfake.Cluster) {
	var next int64
	cluster.ControlKey(kmsg.InitProducerID.Int16(),
		func(request kmsg.Request) (kmsg.Response, error, bool) {
			cluster.KeepControl()
			answer := request.ResponseKind().(*kmsg.InitProducerIDResponse)
			answer.ProducerID = next
			next++
			return answer, nil, true
		})
}

func disturb(cluster *kfake.Cluster, random *rand.Rand) {
	refuse(cluster, random, kmsg.Produce, produceErrors)
	refuse(cluster, random, kmsg.Fetch, fetchErrors)
	for _, key := range []kmsg.Key{kmsg.Produce, kmsg.Fetch, kmsg.Metadata, kmsg.OffsetCommit} {
		cluster.ControlKey(key.Int16(), func(kmsg.Request) (kmsg.Response, error, bool) {
			cluster.KeepControl()
			if random.Intn(cutOf) == 0 {
				return nil, errors.New("cut"), true
			}
			return nil, nil, false
		})
	}
}

func refuse(cluster *kfake.Cluster, random *rand.Rand, key kmsg.Key, errs []*kerr.Error) {
	for _, err := range errs {
		cluster.Fault(kfake.Fault{
			Keys:  []kmsg.Key{key},
			Err:   err,
			Count: -1,
			When:  func(kmsg.Request) bool { return random.Intn(refusedOf*len(errs)) == 0 },
		})
	}
}

func move(cluster *kfake.Cluster, random *rand.Rand, topics []string, partitions int32) {
	for range time.Tick(moveEvery) {
		for _, topic := range topics {
			cluster.MoveTopicPartition(topic, random.Int31n(partitions), random.Int31n(3))
		}
	}
}
