import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.WindowedSerdes;
import org.apache.kafka.streams.state.KeyValueStore;

/** The topologies of the streams suite in Kafka Streams, measured in the same way. */
public final class Application {
  private static final long WINDOW_MS = 10_000;
  private static final long LOOK_EVERY_MS = 20;
  private static final AtomicLong RECORDS = new AtomicLong();

  public static void main(String[] args) throws Exception {
    Map<String, String> setup = new HashMap<>();
    for (int i = 0; i < args.length; i += 2) setup.put(args[i].substring(2), args[i + 1]);
    KafkaStreams streams = new KafkaStreams(topology(setup).build(), properties(setup));
    streams.start();
    while (RECORDS.get() == 0) look(streams);
    Thread.sleep(Long.parseLong(setup.get("warmupMs")));
    long all = Long.parseLong(setup.get("records"));
    long before = RECORDS.get();
    if (before >= all) throw new IllegalStateException("the input ended within the warm-up");
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long cpuNs = system.getProcessCpuTime();
    long fromNs = System.nanoTime();
    long measureNs = Long.parseLong(setup.get("measureMs")) * 1_000_000;
    double rssMib = 0;
    while (System.nanoTime() - fromNs < measureNs && RECORDS.get() < all) {
      rssMib = Math.max(rssMib, rssMib());
      look(streams);
    }
    long messages = RECORDS.get() - before;
    double seconds = (System.nanoTime() - fromNs) / 1e9;
    double cpuSeconds = (system.getProcessCpuTime() - cpuNs) / 1e9;
    streams.close(Duration.ofSeconds(60));
    System.out.println("{\"messages\":" + messages + ",\"seconds\":" + seconds + ",\"cpuSeconds\":"
        + cpuSeconds + ",\"total\":" + RECORDS.get() + ",\"rssMib\":" + rssMib + "}");
    System.exit(0);
  }

  private static void look(KafkaStreams streams) throws InterruptedException {
    if (streams.state() == KafkaStreams.State.ERROR) throw new IllegalStateException("it failed");
    Thread.sleep(LOOK_EVERY_MS);
  }

  private static double rssMib() throws Exception {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
    }
    return 0;
  }

  private static Properties properties(Map<String, String> setup) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", setup.get("bootstrap"));
    properties.put("application.id", setup.get("application"));
    properties.put("state.dir", setup.get("stateDir"));
    properties.put("processing.guarantee", setup.get("guarantee"));
    properties.put("statestore.cache.max.bytes", "0");
    if (setup.get("guarantee").equals("at_least_once")) {
      properties.put("commit.interval.ms", "1000");
    }
    properties.put("default.key.serde", Serdes.StringSerde.class);
    properties.put("default.value.serde", Serdes.StringSerde.class);
    return properties;
  }

  private static StreamsBuilder topology(Map<String, String> setup) {
    StreamsBuilder builder = new StreamsBuilder();
    String output = setup.get("output");
    switch (setup.get("topology")) {
      case "filter-map" ->
          counted(builder, setup)
              .filter((key, value) -> !value.startsWith("#"))
              .mapValues(value -> value + "!")
              .to(output);
      case "count" ->
          counted(builder, setup)
              .groupByKey()
              .count(Materialized.as("counts"))
              .toStream()
              .to(output, Produced.with(Serdes.String(), Serdes.Long()));
      case "window-count" ->
          counted(builder, setup)
              .groupByKey()
              .windowedBy(TimeWindows.ofSizeWithNoGrace(Duration.ofMillis(WINDOW_MS)))
              .count(Materialized.as("counts"))
              .toStream()
              .to(output, Produced.with(
                  WindowedSerdes.timeWindowedSerdeFrom(String.class, WINDOW_MS), Serdes.Long()));
      case "join" -> {
        Materialized<String, String, KeyValueStore<Bytes, byte[]>> rows = Materialized.as("rows");
        KTable<String, String> table = builder.table(setup.get("table"), rows);
        counted(builder, setup).join(table, (value, row) -> value + row).to(output);
      }
      default -> throw new IllegalArgumentException(setup.get("topology"));
    }
    return builder;
  }

  private static KStream<String, String> counted(
      StreamsBuilder builder, Map<String, String> setup) {
    KStream<String, String> input = builder.stream(setup.get("input"));
    return input.peek((key, value) -> RECORDS.incrementAndGet());
  }
}
