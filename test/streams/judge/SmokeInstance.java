import java.time.Duration;
import java.util.Properties;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.tests.SmokeTestClient;

/**
 * An instance of Kafka's smoke test in a streams group: `BOOTSTRAP GUARANTEE STATE_DIR`. Kafka's own
 * program wants classes of another test jar only to find a directory.
 */
public final class SmokeInstance {
  public static void main(String[] args) {
    Properties config = new Properties();
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, "SmokeTest");
    config.put(StreamsConfig.CLIENT_ID_CONFIG, "SmokeTest-java");
    config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, args[0]);
    config.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, args[1]);
    config.put(StreamsConfig.STATE_DIR_CONFIG, args[2]);
    config.put(StreamsConfig.GROUP_PROTOCOL_CONFIG, "streams");
    config.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
    config.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 100);
    config.put(StreamsConfig.WINDOW_STORE_CHANGE_LOG_ADDITIONAL_RETENTION_MS_CONFIG,
        Duration.ofDays(3).toMillis());
    // Others wait for what it leaves open when it is killed.
    config.put(StreamsConfig.producerPrefix("transaction.timeout.ms"), 3000);
    KafkaStreams streams = new KafkaStreams(new SmokeTestClient("java").getTopology(), config);
    streams.setUncaughtExceptionHandler(thrown -> {
      System.out.println("FAILED: " + thrown);
      return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    });
    streams.setStateListener((now, before) -> {
      System.out.println(now);
      System.out.flush();
    });
    Runtime.getRuntime().addShutdownHook(new Thread(() -> streams.close(Duration.ofSeconds(20))));
    streams.start();
  }
}
