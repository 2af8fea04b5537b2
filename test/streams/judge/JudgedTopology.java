import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyConfig;
import org.apache.kafka.streams.kstream.Branched;
import org.apache.kafka.streams.kstream.CogroupedKStream;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.EmitStrategy;
import org.apache.kafka.streams.kstream.GlobalKTable;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.JoinWindows;
import org.apache.kafka.streams.kstream.Joined;
import org.apache.kafka.streams.kstream.KGroupedStream;
import org.apache.kafka.streams.kstream.KGroupedTable;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.kstream.SessionWindowedKStream;
import org.apache.kafka.streams.kstream.SessionWindows;
import org.apache.kafka.streams.kstream.SlidingWindows;
import org.apache.kafka.streams.kstream.StreamJoined;
import org.apache.kafka.streams.kstream.Suppressed;
import org.apache.kafka.streams.kstream.TimeWindowedKStream;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.ValueTransformerWithKey;
import org.apache.kafka.streams.kstream.WindowedSerdes;
import org.apache.kafka.streams.processor.ProcessorContext;
import org.apache.kafka.streams.state.BuiltInDslStoreSuppliers.RocksDBDslStoreSuppliers;
import org.apache.kafka.streams.state.Stores;

/** Builds the topology of a case, step by step. `build-case.mjs` does the same in TypeScript. */
@SuppressWarnings({"rawtypes", "unchecked"})
final class JudgedTopology {
  private record Built(Object what, String key, String value) {}

  private final JsonNode spec;
  private final Properties config;
  private final StreamsBuilder builder;
  private final Map<String, Built> built = new HashMap<>();

  JudgedTopology(JsonNode spec, Properties config) {
    this.spec = spec;
    this.config = config;
    this.builder = new StreamsBuilder(new TopologyConfig(new StreamsConfig(config)));
  }

  Topology build() {
    for (JsonNode step : spec.get("steps")) {
      Built result = run(step);
      if (result != null) built.put(step.get("id").asText(), result);
    }
    return builder.build(config);
  }

  private Built run(JsonNode step) {
    String op = step.get("op").asText();
    return switch (op) {
      case "stream" -> new Built(builder.stream(topics(step), consumed(step)), "text", "text");
      case "table" -> table(step);
      case "globalTable" -> globalTable(step);
      default -> {
        Built of = built.get(step.get("of").asText());
        if (of.what instanceof KStream) yield onStream(op, step, of);
        if (of.what instanceof KTable) yield onTable(op, step, of);
        if (of.what instanceof KGroupedStream) yield onGroup(op, step, of);
        if (of.what instanceof KGroupedTable) yield onGroupedTable(op, step, of);
        yield onWindows(op, step, of);
      }
    };
  }

  private Built table(JsonNode step) {
    String topic = step.get("topic").asText();
    if (!step.has("store")) return new Built(builder.table(topic, consumed(step)), "text", "text");
    if (step.has("historyMs")) {
      Materialized versioned = Materialized.as(Stores.persistentVersionedKeyValueStore(
          step.get("store").asText(), ms(step, "historyMs")));
      versioned = versioned.withKeySerde(serde("text")).withValueSerde(serde("text"));
      return new Built(builder.table(topic, consumed(step), versioned), "text", "text");
    }
    return new Built(builder.table(topic, consumed(step), store(step, "text", "text")), "text", "text");
  }

  private Built globalTable(JsonNode step) {
    String topic = step.get("topic").asText();
    Object table = step.has("store")
        ? builder.globalTable(topic, consumed(step), store(step, "text", "text"))
        : builder.globalTable(topic, consumed(step));
    return new Built(table, "text", "text");
  }

  private Built onStream(String op, JsonNode step, Built of) {
    KStream<Object, Object> stream = (KStream) of.what;
    String by = step.path("by").asText();
    Named named = step.has("as") ? Named.as(step.get("as").asText()) : null;
    return switch (op) {
      case "filter" -> of(of, named == null
          ? stream.filter((k, v) -> JudgedFunctions.test(by, k, v))
          : stream.filter((k, v) -> JudgedFunctions.test(by, k, v), named));
      case "filterNot" -> of(of, stream.filterNot((k, v) -> JudgedFunctions.test(by, k, v)));
      case "mapValues" -> new Built(named == null
          ? stream.mapValues((k, v) -> JudgedFunctions.mapValue(by, k, v))
          : stream.mapValues((k, v) -> JudgedFunctions.mapValue(by, k, v), named), of.key, "text");
      case "map" -> new Built(stream.map((k, v) -> KeyValue.<Object, Object>pair(
          JudgedFunctions.mapKey(by, k, v), JudgedFunctions.mapValue("append", k, v))), "text", "text");
      case "flatMapValues" -> new Built(
          stream.flatMapValues((k, v) -> JudgedFunctions.flatValues(by, k, v)), of.key, "text");
      case "flatMap" -> new Built(stream.flatMap((k, v) -> {
        List<KeyValue<Object, Object>> pairs = new ArrayList<>();
        for (Object each : JudgedFunctions.flatValues(by, k, v)) {
          pairs.add(KeyValue.pair(JudgedFunctions.mapKey("firstOfValue", k, each), each));
        }
        return pairs;
      }), "text", "text");
      case "selectKey" -> new Built(named == null
          ? stream.selectKey((k, v) -> (Object) JudgedFunctions.mapKey(by, k, v))
          : stream.selectKey((k, v) -> (Object) JudgedFunctions.mapKey(by, k, v), named),
          "text", of.value);
      case "peek" -> of(of, stream.peek((k, v) -> { }));
      case "merge" -> of(of, stream.merge((KStream) other(step).what));
      case "split" -> split(step, of, stream);
      case "repartition" -> of(of, stream.repartition(repartitioned(step, of)));
      case "toTable" -> new Built(step.has("store")
          ? stream.toTable(store(step, of.key, of.value))
          : stream.toTable(Materialized.with(serde(of.key), serde(of.value))), of.key, of.value);
      case "groupByKey" -> of(of, stream.groupByKey(grouped(step, of.key, of.value)));
      case "groupBy" -> new Built(stream.groupBy(
          (k, v) -> (Object) JudgedFunctions.mapKey(by, k, v), grouped(step, "text", of.value)),
          "text", of.value);
      case "to" -> {
        stream.to(step.get("topic").asText(), Produced.with(serde(of.key), serde(of.value)));
        yield null;
      }
      default -> joinStream(op, step, of, stream);
    };
  }

  private Built split(JsonNode step, Built of, KStream<Object, Object> stream) {
    String by = step.get("by").asText();
    String first = step.get("id").asText();
    stream.split()
        .branch((k, v) -> JudgedFunctions.test(by, k, v),
            Branched.withConsumer(branch -> built.put(first + "a", of(of, branch))))
        .defaultBranch(Branched.withConsumer(branch -> built.put(first + "b", of(of, branch))));
    return null;
  }

  private Built joinStream(String op, JsonNode step, Built of, KStream<Object, Object> stream) {
    Built with = other(step);
    boolean isLeft = op.equals("leftJoin");
    if (with.what instanceof GlobalKTable global) {
      String by = step.get("by").asText();
      Object joined = isLeft
          ? stream.leftJoin(global, (k, v) -> JudgedFunctions.mapKey(by, k, v), (l, r) -> JudgedFunctions.join(l, r))
          : stream.join(global, (k, v) -> JudgedFunctions.mapKey(by, k, v), (l, r) -> JudgedFunctions.join(l, r));
      return new Built(joined, of.key, "text");
    }
    if (with.what instanceof KTable table) {
      Joined joined = Joined.with(serde(of.key), serde(of.value), serde(with.value));
      if (step.has("as")) joined = joined.withName(step.get("as").asText());
      if (step.has("graceMs")) joined = joined.withGracePeriod(ms(step, "graceMs"));
      Object result = isLeft
          ? stream.leftJoin(table, (l, r) -> JudgedFunctions.join(l, r), joined)
          : stream.join(table, (l, r) -> JudgedFunctions.join(l, r), joined);
      return new Built(result, of.key, "text");
    }
    KStream<Object, Object> right = (KStream) with.what;
    JoinWindows windows = JoinWindows
        .ofTimeDifferenceAndGrace(ms(step, "beforeMs"), ms(step, "graceMs"))
        .after(ms(step, "afterMs"));
    StreamJoined joined = StreamJoined.with(serde(of.key), serde(of.value), serde(with.value));
    if (step.has("as")) joined = joined.withName(step.get("as").asText());
    if (step.has("store")) joined = joined.withStoreName(step.get("store").asText());
    KStream<Object, Object> result = (KStream) switch (op) {
      case "join" -> stream.join(right, (l, r) -> JudgedFunctions.join(l, r), windows, joined);
      case "leftJoin" -> stream.leftJoin(right, (l, r) -> JudgedFunctions.join(l, r), windows, joined);
      case "outerJoin" -> stream.outerJoin(right, (l, r) -> JudgedFunctions.join(l, r), windows, joined);
      default -> throw new IllegalArgumentException(op);
    };
    return new Built(result, of.key, "text");
  }

  private Built onTable(String op, JsonNode step, Built of) {
    KTable<Object, Object> table = (KTable) of.what;
    String by = step.path("by").asText();
    Materialized stored = step.has("store") ? store(step, of.key, of.value) : null;
    Materialized storedText = step.has("store") ? store(step, of.key, "text") : null;
    return switch (op) {
      case "filter" -> of(of, stored == null
          ? table.filter((k, v) -> JudgedFunctions.test(by, k, v))
          : table.filter((k, v) -> JudgedFunctions.test(by, k, v), stored));
      case "filterNot" -> of(of, stored == null
          ? table.filterNot((k, v) -> JudgedFunctions.test(by, k, v))
          : table.filterNot((k, v) -> JudgedFunctions.test(by, k, v), stored));
      case "mapValues" -> new Built(storedText == null
          ? table.mapValues((k, v) -> JudgedFunctions.mapValue(by, k, v))
          : table.mapValues((k, v) -> JudgedFunctions.mapValue(by, k, v), storedText), of.key, "text");
      case "transformValues" -> new Built(storedText == null
          ? table.transformValues(() -> transformer(by))
          : table.transformValues(() -> transformer(by), storedText), of.key, "text");
      case "toStream" -> of(of, table.toStream());
      case "suppress" -> of(of, table.suppress(suppressed(step)));
      case "groupBy" -> new Built(table.groupBy(
          (k, v) -> KeyValue.<Object, Object>pair(JudgedFunctions.mapKey(by, k, v), v),
          grouped(step, "text", of.value)), "text", of.value);
      default -> joinTable(op, step, of, table, storedText);
    };
  }

  private static ValueTransformerWithKey<Object, Object, Object> transformer(String by) {
    return new ValueTransformerWithKey<>() {
      @Override
      public void init(ProcessorContext context) {}

      @Override
      public Object transform(Object key, Object value) {
        return JudgedFunctions.mapValue(by, key, value);
      }

      @Override
      public void close() {}
    };
  }

  private Built joinTable(
      String op, JsonNode step, Built of, KTable<Object, Object> table, Materialized stored) {
    KTable<Object, Object> right = (KTable) other(step).what;
    Materialized kept = stored != null ? stored : Materialized.with(serde(of.key), serde("text"));
    String by = step.path("by").asText();
    Object result = switch (op) {
      case "join" -> stored == null
          ? table.join(right, (l, r) -> JudgedFunctions.join(l, r))
          : table.join(right, (l, r) -> JudgedFunctions.join(l, r), stored);
      case "leftJoin" -> stored == null
          ? table.leftJoin(right, (l, r) -> JudgedFunctions.join(l, r))
          : table.leftJoin(right, (l, r) -> JudgedFunctions.join(l, r), stored);
      case "outerJoin" -> stored == null
          ? table.outerJoin(right, (l, r) -> JudgedFunctions.join(l, r))
          : table.outerJoin(right, (l, r) -> JudgedFunctions.join(l, r), stored);
      case "joinForeign" -> table.join(right,
          v -> (Object) JudgedFunctions.mapKey(by, v, v), (l, r) -> JudgedFunctions.join(l, r), kept);
      case "leftJoinForeign" -> table.leftJoin(right,
          v -> (Object) JudgedFunctions.mapKey(by, v, v), (l, r) -> JudgedFunctions.join(l, r), kept);
      default -> throw new IllegalArgumentException(op);
    };
    return new Built(result, of.key, "text");
  }

  private Built onGroup(String op, JsonNode step, Built of) {
    KGroupedStream<Object, Object> group = (KGroupedStream) of.what;
    return switch (op) {
      case "count" -> new Built(group.count(store(step, of.key, "long")), of.key, "long");
      case "reduce" -> of(of, group.reduce(
          (a, b) -> JudgedFunctions.join(a, b), store(step, of.key, of.value)));
      case "aggregate" -> new Built(group.aggregate(() -> (Object) "",
          (k, v, sum) -> JudgedFunctions.add(k, v, sum), store(step, of.key, "text")), of.key, "text");
      case "cogroup" -> cogroup(step, of, group);
      case "tumbling", "hopping" -> {
        TimeWindows windows = TimeWindows.ofSizeAndGrace(ms(step, "sizeMs"), ms(step, "graceMs"));
        if (op.equals("hopping")) windows = windows.advanceBy(ms(step, "advanceMs"));
        var windowed = group.windowedBy(windows);
        if (step.has("emit")) windowed = windowed.emitStrategy(EmitStrategy.onWindowClose());
        yield new Built(windowed, "window:" + step.get("sizeMs").asLong(), of.value);
      }
      case "sliding" -> {
        var windowed = group.windowedBy(SlidingWindows.ofTimeDifferenceAndGrace(
            ms(step, "sizeMs"), ms(step, "graceMs")));
        if (step.has("emit")) windowed = windowed.emitStrategy(EmitStrategy.onWindowClose());
        yield new Built(windowed, "window:" + step.get("sizeMs").asLong(), of.value);
      }
      case "session" -> {
        var windowed = group.windowedBy(SessionWindows.ofInactivityGapAndGrace(
            ms(step, "sizeMs"), ms(step, "graceMs")));
        if (step.has("emit")) windowed = windowed.emitStrategy(EmitStrategy.onWindowClose());
        yield new Built(windowed, "session", of.value);
      }
      default -> throw new IllegalArgumentException(op);
    };
  }

  private Built cogroup(JsonNode step, Built of, KGroupedStream<Object, Object> group) {
    CogroupedKStream<Object, Object> streams = group
        .<Object>cogroup((k, v, sum) -> JudgedFunctions.add(k, v, sum))
        .cogroup((KGroupedStream<Object, Object>) other(step).what,
            (k, v, sum) -> JudgedFunctions.bounded(JudgedFunctions.add(k, v, sum) + "."));
    Materialized stored = store(step, of.key, "text");
    if (!step.has("sizeMs")) {
      return new Built(streams.aggregate(() -> "", stored), of.key, "text");
    }
    Duration size = ms(step, "sizeMs");
    Duration grace = ms(step, "graceMs");
    if (step.has("isSession")) {
      return new Built(streams.windowedBy(SessionWindows.ofInactivityGapAndGrace(size, grace))
          .aggregate(() -> "", (k, a, b) -> JudgedFunctions.mergeSessions(k, a, b), stored),
          "session", "text");
    }
    Object table = step.has("isSliding")
        ? streams.windowedBy(SlidingWindows.ofTimeDifferenceAndGrace(size, grace))
            .aggregate(() -> "", stored)
        : streams.windowedBy(TimeWindows.ofSizeAndGrace(size, grace)).aggregate(() -> "", stored);
    return new Built(table, "window:" + step.get("sizeMs").asLong(), "text");
  }

  private Built onGroupedTable(String op, JsonNode step, Built of) {
    KGroupedTable<Object, Object> group = (KGroupedTable) of.what;
    return switch (op) {
      case "count" -> new Built(group.count(store(step, of.key, "long")), of.key, "long");
      case "reduce" -> of(of, group.reduce((a, b) -> JudgedFunctions.join(a, b),
          (a, b) -> JudgedFunctions.subtract(null, b, a), store(step, of.key, of.value)));
      case "aggregate" -> new Built(group.aggregate(() -> (Object) "",
          (k, v, sum) -> JudgedFunctions.add(k, v, sum),
          (k, v, sum) -> JudgedFunctions.subtract(k, v, sum), store(step, of.key, "text")),
          of.key, "text");
      default -> throw new IllegalArgumentException(op);
    };
  }

  private Built onWindows(String op, JsonNode step, Built of) {
    if (of.what instanceof SessionWindowedKStream windowed) {
      SessionWindowedKStream<Object, Object> sessions = windowed;
      return switch (op) {
        case "count" -> new Built(sessions.count(store(step, "text", "long")), of.key, "long");
        case "reduce" -> of(of, sessions.reduce(
            (a, b) -> JudgedFunctions.join(a, b), store(step, "text", of.value)));
        case "aggregate" -> new Built(sessions.aggregate(() -> (Object) "",
            (k, v, sum) -> JudgedFunctions.add(k, v, sum),
            (k, a, b) -> JudgedFunctions.mergeSessions(k, a, b), store(step, "text", "text")),
            of.key, "text");
        default -> throw new IllegalArgumentException(op);
      };
    }
    TimeWindowedKStream<Object, Object> windowed = (TimeWindowedKStream) of.what;
    return switch (op) {
      case "count" -> new Built(windowed.count(store(step, "text", "long")), of.key, "long");
      case "reduce" -> of(of, windowed.reduce(
          (a, b) -> JudgedFunctions.join(a, b), store(step, "text", of.value)));
      case "aggregate" -> new Built(windowed.aggregate(() -> (Object) "",
          (k, v, sum) -> JudgedFunctions.add(k, v, sum), store(step, "text", "text")), of.key, "text");
      default -> throw new IllegalArgumentException(op);
    };
  }

  private static Built of(Built of, Object what) {
    return new Built(what, of.key, of.value);
  }

  private Built other(JsonNode step) {
    return built.get(step.get("with").asText());
  }

  private static List<String> topics(JsonNode step) {
    return List.of(step.get("topic").asText().split(","));
  }

  private static Consumed<Object, Object> consumed(JsonNode step) {
    Consumed<Object, Object> consumed = Consumed.with(serde("text"), serde("text"));
    return step.has("as") ? consumed.withName(step.get("as").asText()) : consumed;
  }

  private static Grouped<Object, Object> grouped(JsonNode step, String key, String value) {
    Grouped<Object, Object> grouped = Grouped.with(serde(key), serde(value));
    return step.has("as") ? grouped.withName(step.get("as").asText()) : grouped;
  }

  private static Repartitioned<Object, Object> repartitioned(JsonNode step, Built of) {
    Repartitioned<Object, Object> how = Repartitioned.with(serde(of.key), serde(of.value));
    return step.has("as") ? how.withName(step.get("as").asText()) : how;
  }

  /** The key of a windowed store is that inside its windows. */
  private static Materialized store(JsonNode step, String key, String value) {
    Materialized stored = step.has("store")
        ? Materialized.as(step.get("store").asText())
        : Materialized.with(serde(key), serde(value));
    if (step.has("onDisk")) stored = stored.withStoreType(new RocksDBDslStoreSuppliers());
    if (step.has("retentionMs")) stored = stored.withRetention(ms(step, "retentionMs"));
    return stored.withKeySerde(serde(key)).withValueSerde(serde(value));
  }

  private static Suppressed suppressed(JsonNode step) {
    if (step.has("untilClose")) {
      var until = Suppressed.untilWindowCloses(Suppressed.BufferConfig.unbounded());
      return step.has("as") ? until.withName(step.get("as").asText()) : until;
    }
    var limit = Suppressed.BufferConfig.maxRecords(step.path("maxRecords").asLong(1_000));
    var until = Suppressed.untilTimeLimit(ms(step, "limitMs"), limit);
    return step.has("as") ? until.withName(step.get("as").asText()) : until;
  }

  private static Duration ms(JsonNode step, String name) {
    return Duration.ofMillis(step.path(name).asLong(0));
  }

  static Serde<Object> serde(String kind) {
    if (kind.startsWith("window:")) {
      return (Serde) WindowedSerdes.timeWindowedSerdeFrom(
          String.class, Long.parseLong(kind.substring("window:".length())));
    }
    return (Serde) switch (kind) {
      case "text" -> Serdes.String();
      case "long" -> Serdes.Long();
      case "session" -> WindowedSerdes.sessionWindowedSerdeFrom(String.class);
      default -> throw new IllegalArgumentException(kind);
    };
  }
}
