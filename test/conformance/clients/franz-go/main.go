// Runs the jobs of a JSON file with franz-go; answers one JSON line a job.
package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

const limit = 40 * time.Second

type job struct {
	Do         string `json:"do"`
	Topic      string `json:"topic"`
	Partition  int32  `json:"partition"`
	Codec      string `json:"codec"`
	Idempotent bool   `json:"idempotent"`
	From       int64  `json:"from"`
	Count      int    `json:"count"`
	Group      string `json:"group"`
	Protocol   string `json:"protocol"`
	File       string `json:"file"`
}

type spec struct {
	Bootstrap string    `json:"bootstrap"`
	Security  *security `json:"security"`
	Jobs      []job     `json:"jobs"`
}

// security names files, and a login unless the certificate says who it is.
type security struct {
	CA          string `json:"ca"`
	Certificate string `json:"certificate"`
	Key         string `json:"key"`
	Mechanism   string `json:"mechanism"`
	Username    string `json:"username"`
	Password    string `json:"password"`
}

type header [2]any

type record struct {
	Offset    int64    `json:"o"`
	Timestamp int64    `json:"t"`
	Key       *[]byte  `json:"k"`
	Value     *[]byte  `json:"v"`
	Headers   []header `json:"h"`
}

type incoming struct {
	Timestamp int64                `json:"t"`
	Key       *[]byte              `json:"k"`
	Value     *[]byte              `json:"v"`
	Headers   [][2]json.RawMessage `json:"h"`
}

var codecs = map[string]kgo.CompressionCodec{
	"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(),
	"lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression(),
}

func main() {
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	var s spec
	if err := json.Unmarshal(text, &s); err != nil {
		panic(err)
	}
	server, err := connection(s)
	if err != nil {
		panic(err)
	}
	for number, j := range s.Jobs {
		answer := map[string]any{"job": number, "ok": true}
		if err := run(server, j); err != nil {
			answer["ok"], answer["error"] = false, err.Error()
		}
		line, _ := json.Marshal(answer)
		fmt.Println(string(line))
	}
}

// connection is where the brokers are, and how to get in.
func connection(s spec) ([]kgo.Opt, error) {
	opts := []kgo.Opt{kgo.SeedBrokers(s.Bootstrap)}
	if s.Security == nil {
		return opts, nil
	}
	ca, err := os.ReadFile(s.Security.CA)
	if err != nil {
		return nil, err
	}
	config := &tls.Config{RootCAs: x509.NewCertPool()}
	config.RootCAs.AppendCertsFromPEM(ca)
	if s.Security.Certificate != "" {
		own, err := tls.LoadX509KeyPair(s.Security.Certificate, s.Security.Key)
		if err != nil {
			return nil, err
		}
		config.Certificates = []tls.Certificate{own}
	}
	opts = append(opts, kgo.DialTLSConfig(config))
	user, pass := s.Security.Username, s.Security.Password
	switch s.Security.Mechanism {
	case "PLAIN":
		opts = append(opts, kgo.SASL(plain.Auth{User: user, Pass: pass}.AsMechanism()))
	case "SCRAM-SHA-256":
		opts = append(opts, kgo.SASL(scram.Auth{User: user, Pass: pass}.AsSha256Mechanism()))
	case "SCRAM-SHA-512":
		opts = append(opts, kgo.SASL(scram.Auth{User: user, Pass: pass}.AsSha512Mechanism()))
	}
	return opts, nil
}

func run(server []kgo.Opt, j job) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	switch j.Do {
	case "produce":
		return produce(ctx, server, j)
	case "consume":
		at := kgo.NewOffset().At(j.From)
		parts := map[string]map[int32]kgo.Offset{j.Topic: {j.Partition: at}}
		return collect(ctx, server, j, kgo.ConsumePartitions(parts))
	case "group":
		if j.Protocol == "consumer" {
			ctx = context.WithValue(ctx, "opt_in_kafka_next_gen_balancer_beta", true)
		}
		start := kgo.ConsumeResetOffset(kgo.NewOffset().AtStart())
		return collect(ctx, server, j, kgo.ConsumerGroup(j.Group), kgo.ConsumeTopics(j.Topic),
			kgo.DisableAutoCommit(), start, kgo.WithContext(ctx))
	}
	return fmt.Errorf("unknown job %q", j.Do)
}

func produce(ctx context.Context, server []kgo.Opt, j job) error {
	opts := []kgo.Opt{
		kgo.ProducerBatchCompression(codecs[j.Codec]),
		kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerLinger(20 * time.Millisecond),
	}
	if !j.Idempotent {
		opts = append(opts, kgo.DisableIdempotentWrite())
	}
	client, err := kgo.NewClient(append(opts, server...)...)
	if err != nil {
		return err
	}
	defer client.Close()
	if err := client.Ping(ctx); err != nil {
		return err
	}
	file, err := os.Open(j.File)
	if err != nil {
		return err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	var records []*kgo.Record
	for lines.Scan() {
		var in incoming
		if err := json.Unmarshal(lines.Bytes(), &in); err != nil {
			return err
		}
		records = append(records, outgoing(in, j))
	}
	return client.ProduceSync(ctx, records...).FirstErr()
}

func outgoing(in incoming, j job) *kgo.Record {
	r := &kgo.Record{Topic: j.Topic, Partition: j.Partition, Timestamp: time.UnixMilli(in.Timestamp)}
	if in.Key != nil {
		r.Key = *in.Key
	}
	if in.Value != nil {
		r.Value = *in.Value
	}
	for _, h := range in.Headers {
		var name string
		var value *[]byte
		_ = json.Unmarshal(h[0], &name)
		_ = json.Unmarshal(h[1], &value)
		next := kgo.RecordHeader{Key: name}
		if value != nil {
			next.Value = *value
		}
		r.Headers = append(r.Headers, next)
	}
	return r
}

func collect(ctx context.Context, server []kgo.Opt, j job, opts ...kgo.Opt) error {
	client, err := kgo.NewClient(append(opts, server...)...)
	if err != nil {
		return err
	}
	defer client.Close()
	file, err := os.Create(j.File)
	if err != nil {
		return err
	}
	defer file.Close()
	out := json.NewEncoder(file)
	for left := j.Count; left > 0; {
		fetches := client.PollRecords(ctx, left)
		if errs := fetches.Errors(); len(errs) > 0 {
			return fmt.Errorf("%d records missing: %w", left, errs[0].Err)
		}
		for _, r := range fetches.Records() {
			if err := out.Encode(line(r)); err != nil {
				return err
			}
			left--
		}
	}
	if j.Do == "group" {
		return client.CommitUncommittedOffsets(ctx)
	}
	return nil
}

func optional(b []byte) *[]byte {
	if b == nil {
		return nil
	}
	return &b
}

func line(r *kgo.Record) record {
	headers := []header{}
	for _, h := range r.Headers {
		headers = append(headers, header{h.Key, optional(h.Value)})
	}
	return record{r.Offset, r.Timestamp.UnixMilli(), optional(r.Key), optional(r.Value), headers}
}
