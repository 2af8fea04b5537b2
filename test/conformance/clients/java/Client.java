import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedWriter;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Runs the jobs of a JSON file with kafka-clients; answers one JSON line a job. */
public final class Client {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long LIMIT_MS = 40_000;
  private static String bootstrap;
  private static JsonNode settings;

  public static void main(String[] args) throws Exception {
    JsonNode spec = JSON.readTree(new File(args[0]));
    bootstrap = spec.get("bootstrap").asText();
    settings = spec.path("security").path("java");
    int number = 0;
    for (JsonNode job : spec.get("jobs")) {
      ObjectNode answer = JSON.createObjectNode().put("job", number++);
      try {
        run(job);
        answer.put("ok", true);
      } catch (Exception error) {
        answer.put("ok", false).put("error", error.toString());
      }
      System.out.println(answer);
    }
    System.exit(0);
  }

  private static void run(JsonNode job) throws Exception {
    switch (job.get("do").asText()) {
      case "produce" -> produce(job);
      case "consume" -> consume(job);
      case "group" -> group(job);
      case "topics" -> createTopics(job);
      case "partitions" -> partitions(job);
      default -> throw new IllegalArgumentException(job.toString());
    }
  }

  private static void createTopics(JsonNode job) throws Exception {
    List<NewTopic> topics = new ArrayList<>();
    for (JsonNode topic : job.get("topics")) {
      short replicas = (short) topic.path("replicas").asInt(1);
      NewTopic next =
          new NewTopic(topic.get("name").asText(), topic.path("partitions").asInt(1), replicas);
      Map<String, String> configs = new HashMap<>();
      topic.path("configs").fields()
          .forEachRemaining(entry -> configs.put(entry.getKey(), entry.getValue().asText()));
      topics.add(next.configs(configs));
    }
    try (Admin admin = Admin.create(common())) {
      admin.createTopics(topics).all().get();
    }
  }

  /** The partition of each key, for each count of partitions. */
  private static void partitions(JsonNode job) throws Exception {
    String[] keys = Files.readString(Path.of(job.get("file").asText())).split("\n", -1);
    ArrayNode chosen = JSON.createArrayNode();
    for (JsonNode count : job.get("counts")) {
      ArrayNode row = chosen.addArray();
      for (String key : keys) {
        byte[] bytes = Base64.getDecoder().decode(key);
        row.add(BuiltInPartitioner.partitionForKey(bytes, count.asInt()));
      }
    }
    JSON.writeValue(new File(job.get("out").asText()), chosen);
  }

  private static void produce(JsonNode job) throws Exception {
    Properties config = common();
    config.put("compression.type", job.get("codec").asText());
    config.put("enable.idempotence", job.path("idempotent").asBoolean(false));
    config.put("acks", job.path("acks").asText("all"));
    config.put("linger.ms", 20);
    config.put("delivery.timeout.ms", (int) LIMIT_MS);
    config.put("request.timeout.ms", 20_000);
    config.put("key.serializer", ByteArraySerializer.class);
    config.put("value.serializer", ByteArraySerializer.class);
    List<Future<RecordMetadata>> acks = new ArrayList<>();
    try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(config)) {
      for (String line : Files.readAllLines(Path.of(job.get("file").asText()))) {
        JsonNode record = JSON.readTree(line);
        ProducerRecord<byte[], byte[]> message = new ProducerRecord<>(
            job.get("topic").asText(), job.path("partition").asInt(0), record.get("t").asLong(),
            bytes(record.get("k")), bytes(record.get("v")));
        for (JsonNode header : record.get("h")) {
          message.headers().add(header.get(0).asText(), bytes(header.get(1)));
        }
        acks.add(producer.send(message));
      }
      producer.flush();
      for (Future<RecordMetadata> ack : acks) ack.get();
    }
  }

  private static void consume(JsonNode job) throws Exception {
    Properties config = consumerConfig();
    TopicPartition partition =
        new TopicPartition(job.get("topic").asText(), job.path("partition").asInt(0));
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(config)) {
      consumer.assign(List.of(partition));
      consumer.seek(partition, job.path("from").asLong(0));
      collect(consumer, job);
    }
  }

  private static void group(JsonNode job) throws Exception {
    Properties config = consumerConfig();
    config.put("group.id", job.get("group").asText());
    config.put("group.protocol", job.path("protocol").asText("classic"));
    config.put("auto.offset.reset", "earliest");
    config.put("enable.auto.commit", false);
    config.put("max.poll.records", job.get("count").asInt());
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(config)) {
      consumer.subscribe(List.of(job.get("topic").asText()));
      collect(consumer, job);
      consumer.commitSync();
    }
  }

  private static void collect(KafkaConsumer<byte[], byte[]> consumer, JsonNode job)
      throws Exception {
    int left = job.get("count").asInt();
    long deadline = System.currentTimeMillis() + LIMIT_MS;
    try (BufferedWriter out = Files.newBufferedWriter(Path.of(job.get("file").asText()))) {
      while (left > 0) {
        if (System.currentTimeMillis() > deadline) {
          throw new IllegalStateException("still " + left + " records missing at the time limit");
        }
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          out.write(line(record));
          out.newLine();
          left -= 1;
        }
      }
    }
  }

  private static String line(ConsumerRecord<byte[], byte[]> record) {
    ObjectNode node = JSON.createObjectNode();
    node.put("o", record.offset()).put("t", record.timestamp());
    node.put("k", record.key()).put("v", record.value());
    ArrayNode headers = node.putArray("h");
    for (Header header : record.headers()) {
      headers.addArray().add(header.key()).add(header.value());
    }
    return node.toString();
  }

  private static Properties common() {
    Properties config = new Properties();
    config.put("bootstrap.servers", bootstrap);
    settings.fields()
        .forEachRemaining(entry -> config.put(entry.getKey(), entry.getValue().asText()));
    return config;
  }

  private static Properties consumerConfig() {
    Properties config = common();
    config.put("key.deserializer", ByteArrayDeserializer.class);
    config.put("value.deserializer", ByteArrayDeserializer.class);
    return config;
  }

  private static byte[] bytes(JsonNode node) {
    return node.isNull() ? null : Base64.getDecoder().decode(node.asText());
  }
}
