import java.time.Duration;
import java.time.Instant;
import org.apache.kafka.streams.tests.RelationalSmokeTest;

/** Runs Kafka's own RelationalSmokeTest driver with so many rows: it writes them, and judges. */
public final class RelationalDriver {
  public static void main(String[] args) throws Exception {
    String bootstrap = args[0];
    int articles = Integer.parseInt(args[1]);
    int comments = Integer.parseInt(args[2]);
    long seconds = Long.parseLong(args[3]);
    RelationalSmokeTest.DataSet.generate(articles, comments)
        .produce(bootstrap, Duration.ofSeconds(seconds));
    System.out.println("GENERATED");
    Instant deadline = Instant.now().plus(Duration.ofSeconds(60));
    boolean passed = RelationalSmokeTest.App.verifySync(bootstrap, deadline);
    System.out.println(passed ? "JUDGED: SUCCESS" : "JUDGED: FAILURE");
    System.exit(0);
  }
}
