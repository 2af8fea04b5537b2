import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.JoinWindows;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.StreamJoined;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.tests.RelationalSmokeTest;
import org.apache.kafka.streams.tests.SmokeTestClient;

/**
 * Prints what `describe()` says of Kafka's smoke tests and of topologies as its demos and tutorials
 * have them. `topologies.mjs` beside the golden texts builds the same.
 */
public final class Descriptions {
  public static void main(String[] args) {
    Map<String, Topology> all = new LinkedHashMap<>();
    all.put("smoke", new SmokeTestClient("golden").getTopology());
    all.put("relational-smoke", RelationalSmokeTest.App.getTopology());
    all.put("pipe", pipe());
    all.put("line-split", lineSplit());
    all.put("word-count", wordCount());
    all.put("temperature", temperature());
    all.put("page-view-region", pageViewRegion());
    all.put("stream-join", streamJoin());
    all.put("unnamed-aggregation", unnamedAggregation());
    all.forEach((name, topology) -> System.out.println("=== " + name + "\n" + topology.describe()));
  }

  /** PipeDemo. */
  private static Topology pipe() {
    StreamsBuilder builder = new StreamsBuilder();
    builder.stream("streams-plaintext-input").to("streams-pipe-output");
    return builder.build();
  }

  /** LineSplit of the tutorial "Write a Streams Application". */
  private static Topology lineSplit() {
    StreamsBuilder builder = new StreamsBuilder();
    builder.<String, String>stream("streams-plaintext-input")
        .flatMapValues(value -> Arrays.asList(value.split("\\W+")))
        .to("streams-linesplit-output");
    return builder.build();
  }

  /** WordCountDemo. */
  private static Topology wordCount() {
    StreamsBuilder builder = new StreamsBuilder();
    KTable<String, Long> counts = builder.<String, String>stream("streams-plaintext-input")
        .flatMapValues(value -> Arrays.asList(value.toLowerCase().split("\\W+")))
        .groupBy((key, value) -> value)
        .count(Materialized.as("counts-store"));
    counts.toStream()
        .to("streams-wordcount-output", Produced.with(Serdes.String(), Serdes.Long()));
    return builder.build();
  }

  /** TemperatureDemo. */
  private static Topology temperature() {
    StreamsBuilder builder = new StreamsBuilder();
    builder.<String, String>stream("iot-temperature")
        .selectKey((key, value) -> "temp")
        .groupByKey()
        .windowedBy(TimeWindows.ofSizeWithNoGrace(Duration.ofSeconds(5)))
        .reduce((one, other) -> Integer.parseInt(one) > Integer.parseInt(other) ? one : other)
        .toStream()
        .filter((key, value) -> Integer.parseInt(value) > 20)
        .map((key, value) -> KeyValue.pair(key.toString(), value))
        .to("iot-temperature-max");
    return builder.build();
  }

  /** The shape of PageViewTypedDemo. */
  private static Topology pageViewRegion() {
    StreamsBuilder builder = new StreamsBuilder();
    KStream<String, String> views = builder.stream("streams-pageview-input");
    KTable<String, String> users = builder.table("streams-userprofile-input");
    views.leftJoin(users, (view, user) -> view + user)
        .map((user, view) -> KeyValue.pair(view, view))
        .groupByKey(Grouped.with(Serdes.String(), Serdes.String()))
        .windowedBy(TimeWindows.ofSizeAndGrace(Duration.ofDays(7), Duration.ofMinutes(1))
            .advanceBy(Duration.ofSeconds(1)))
        .count()
        .toStream()
        .map((key, value) -> KeyValue.pair(key.toString(), value.toString()))
        .to("streams-pageviewstats-typed-output");
    return builder.build();
  }

  private static Topology streamJoin() {
    StreamsBuilder builder = new StreamsBuilder();
    KStream<String, String> left = builder.<String, String>stream("left").selectKey((k, v) -> v);
    KStream<String, String> right = builder.stream("right");
    JoinWindows windows = JoinWindows.ofTimeDifferenceAndGrace(
        Duration.ofMinutes(5), Duration.ofMinutes(1));
    left.outerJoin(right, (one, other) -> one + other, windows,
        StreamJoined.with(Serdes.String(), Serdes.String(), Serdes.String())).to("joined");
    left.join(right, (one, other) -> one + other, windows,
        StreamJoined.<String, String, String>as("pairs").withName("pairing")).to("pairs");
    return builder.build();
  }

  /** The tutorial about naming: generated names carry numbers. */
  private static Topology unnamedAggregation() {
    StreamsBuilder builder = new StreamsBuilder();
    KStream<String, String> stream = builder.stream("input",
        Consumed.with(Serdes.String(), Serdes.String()));
    stream.filter((key, value) -> !value.isEmpty())
        .groupByKey()
        .count()
        .toStream()
        .to("output", Produced.with(Serdes.String(), Serdes.Long()));
    KTable<String, String> table = builder.table("rows");
    table.groupBy((key, value) -> KeyValue.pair(value, value)).count().toStream().to("row-counts");
    return builder.build();
  }
}
