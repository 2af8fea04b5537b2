import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Properties;
import java.util.TreeSet;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.apache.kafka.streams.state.SessionStore;
import org.apache.kafka.streams.state.ValueAndTimestamp;
import org.apache.kafka.streams.state.WindowStore;
import org.apache.kafka.streams.test.TestRecord;

/**
 * Reads cases (a topology and its input, one JSON object a line) and answers each with what Kafka
 * Streams' TopologyTestDriver makes of it: the description, all records of all topics, all stores.
 */
public final class Judge {
  private static final ObjectMapper JSON = new ObjectMapper();

  public static void main(String[] args) throws Exception {
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      ObjectNode answer = JSON.createObjectNode();
      try {
        judge(JSON.readTree(line), answer, args[0]);
      } catch (Throwable thrown) {
        Throwable cause = thrown;
        while (cause.getCause() != null) cause = cause.getCause();
        answer.put("error", cause.toString());
      }
      out.println(JSON.writeValueAsString(answer));
      out.flush();
    }
  }

  private static void judge(JsonNode spec, ObjectNode answer, String directory) throws Exception {
    Properties config = new Properties();
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, spec.path("applicationId").asText("judge"));
    config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "nowhere:0");
    config.put(StreamsConfig.STATE_DIR_CONFIG, directory);
    config.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, "0");
    config.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
    config.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
    spec.path("config").fields().forEachRemaining(e -> config.put(e.getKey(), e.getValue().asText()));
    Topology topology = new JudgedTopology(spec, config).build();
    answer.put("describe", topology.describe().toString());
    if (!spec.has("input")) return;
    Instant start = Instant.ofEpochMilli(spec.path("startMs").asLong(0));
    try (TopologyTestDriver driver = new TopologyTestDriver(topology, config, start)) {
      try {
        for (JsonNode event : spec.get("input")) play(driver, event);
      } catch (RuntimeException thrown) {
        Throwable cause = thrown;
        while (cause.getCause() != null) cause = cause.getCause();
        answer.put("error", cause.toString());
      }
      outputs(driver, answer.putObject("topics"));
      stores(driver, answer.putObject("stores"));
    }
  }

  private static void play(TopologyTestDriver driver, JsonNode event) {
    if (event.has("advanceMs")) {
      driver.advanceWallClockTime(Duration.ofMillis(event.get("advanceMs").asLong()));
      return;
    }
    Headers headers = new RecordHeaders();
    for (JsonNode header : event.path("h")) {
      headers.add(header.get(0).asText(), bytes(header.get(1)));
    }
    var input = driver.createInputTopic(
        event.get("topic").asText(), new ByteArraySerializer(), new ByteArraySerializer());
    input.pipeInput(new TestRecord<>(
        bytes(event.get("k")), bytes(event.get("v")), headers, event.get("t").asLong()));
  }

  private static byte[] bytes(JsonNode text) {
    return text == null || text.isNull() ? null : text.asText().getBytes(StandardCharsets.UTF_8);
  }

  private static void outputs(TopologyTestDriver driver, ObjectNode topics) {
    for (String topic : new TreeSet<>(driver.producedTopicNames())) {
      ArrayNode records = topics.putArray(topic);
      var output = driver.createOutputTopic(
          topic, new ByteArrayDeserializer(), new ByteArrayDeserializer());
      for (TestRecord<byte[], byte[]> record : output.readRecordsToList()) {
        ArrayNode entry = records.addArray();
        entry.add(base64(record.key())).add(base64(record.value())).add(record.timestamp());
        ArrayNode headers = entry.addArray();
        for (Header header : record.headers()) {
          headers.addArray().add(header.key()).add(base64(header.value()));
        }
      }
    }
  }

  private static String base64(byte[] bytes) {
    return bytes == null ? null : Base64.getEncoder().encodeToString(bytes);
  }

  @SuppressWarnings({"rawtypes", "unchecked"})
  private static void stores(TopologyTestDriver driver, ObjectNode answer) {
    for (Map.Entry<String, StateStore> entry : driver.getAllStateStores().entrySet()) {
      ArrayNode lines = JSON.createArrayNode();
      StateStore store = entry.getValue();
      boolean isPlain = true;
      if (store instanceof ReadOnlyKeyValueStore) {
        isPlain = dump(((ReadOnlyKeyValueStore) store).all(), lines);
      } else if (store instanceof WindowStore) {
        isPlain = dump(((WindowStore) store).all(), lines);
      } else if (store instanceof SessionStore) {
        isPlain = dump(((SessionStore) store).fetch(null, null), lines);
      } else {
        continue;
      }
      if (isPlain) answer.set(entry.getKey(), lines);
    }
  }

  /** False where the store holds what only operators understand. */
  private static boolean dump(KeyValueIterator<?, ?> all, ArrayNode lines) {
    try (all) {
      while (all.hasNext()) {
        KeyValue<?, ?> row = all.next();
        Object value = row.value;
        String suffix = "";
        if (value instanceof ValueAndTimestamp<?> stamped) {
          suffix = "@" + stamped.timestamp();
          value = stamped.value();
        }
        if (!(value instanceof String || value instanceof Number)) return false;
        lines.add(row.key + "=" + value + suffix);
      }
    }
    return true;
  }
}
