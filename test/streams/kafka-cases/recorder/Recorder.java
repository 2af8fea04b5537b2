package millrace;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/**
 * Writes down what Kafka's own tests give their TopologyTestDriver and what comes of it. The driver
 * and the processor that the tests look into call it; `record.mjs` compiles them with these calls.
 */
public final class Recorder {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Map<String, Map<String, ArrayNode>> CASES = new TreeMap<>();
  private static ObjectNode run = JSON.createObjectNode();
  private static String className = "";
  private static String caseName = "";

  static {
    JSON.enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);
    Runtime.getRuntime().addShutdownHook(new Thread(Recorder::write));
  }

  public static synchronized void inCase(String ofClass, String name) {
    className = ofClass;
    caseName = name;
  }

  public static synchronized void begin(String description, Properties config, long startMs) {
    run = JSON.createObjectNode();
    run.put("describe", description).put("startMs", startMs);
    run.put("applicationId", config.getProperty("application.id"));
    run.put("cacheBytes", Long.parseLong(
        String.valueOf(config.getOrDefault("statestore.cache.max.bytes", 10 << 20))));
    run.putArray("events");
    run.putObject("outputs");
    run.putArray("seen");
    CASES.computeIfAbsent(className, key -> new TreeMap<>())
        .computeIfAbsent(caseName, key -> JSON.createArrayNode())
        .add(run);
  }

  public static synchronized void input(
      String topic, long timestamp, byte[] key, byte[] value, Headers headers) {
    record(run.withArray("events").addArray().add(topic), key, value, timestamp, headers);
  }

  public static synchronized void advance(long ms) {
    run.withArray("events").addArray().add(ms);
  }

  public static synchronized void output(ProducerRecord<byte[], byte[]> record) {
    // Where a test names no application, the driver draws a number.
    String topic = record.topic().replaceFirst("^dummy-topology-test-driver-app-id-+\\d+", "test");
    ArrayNode list = run.withObject("outputs").withArray(topic);
    Long timestamp = record.timestamp();
    record(list.addArray(), record.key(), record.value(), timestamp == null ? -1 : timestamp,
        record.headers());
  }

  public static synchronized void seen(Object key, Object value, long timestamp) {
    run.withArray("seen").add(key + "=" + value + "@" + timestamp);
  }

  private static void record(
      ArrayNode entry, byte[] key, byte[] value, long timestamp, Headers headers) {
    entry.add(text(key)).add(text(value)).add(timestamp);
    if (headers == null || !headers.iterator().hasNext()) return;
    ArrayNode pairs = entry.addArray();
    for (Header header : headers) pairs.addArray().add(header.key()).add(text(header.value()));
  }

  /** Text where it is text, else base64 behind a colon. */
  private static String text(byte[] bytes) {
    if (bytes == null) return null;
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      if (text.chars().allMatch(c -> c >= ' ' && c < 127) && !text.startsWith(":")) return text;
    } catch (CharacterCodingException notText) {
      // Bytes of numbers, for instance.
    }
    return ":" + Base64.getEncoder().encodeToString(bytes);
  }

  private static void write() {
    File folder = new File(System.getProperty("millrace.recorded"));
    CASES.forEach((name, cases) -> {
      try {
        JSON.writeValue(new File(folder, name + ".json"), cases);
      } catch (IOException failure) {
        throw new IllegalStateException(failure);
      }
    });
  }
}
