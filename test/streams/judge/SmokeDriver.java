import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.streams.tests.SmokeTestDriver;
import org.apache.kafka.streams.tests.SmokeTestUtil.VerificationResult;

/** Runs Kafka's own SmokeTestDriver: it writes records, and judges what an application makes of them. */
public final class SmokeDriver {
  public static void main(String[] args) throws Exception {
    String bootstrap = args[0];
    int keys = Integer.parseInt(args[1]);
    int perKey = Integer.parseInt(args[2]);
    boolean isExactlyOnce = args[3].equals("exactly_once_v2");
    long seconds = args.length > 4 ? Long.parseLong(args[4]) : 10;
    Map<String, Set<Integer>> all =
        SmokeTestDriver.generate(bootstrap, keys, perKey, Duration.ofSeconds(seconds));
    System.out.println("GENERATED");
    // The driver asks where topics end before it reads them, so nothing may be written any more:
    // whoever starts it says when with a line.
    if (args.length > 5) System.in.read();
    VerificationResult result = SmokeTestDriver.verify(bootstrap, all, perKey, isExactlyOnce);
    System.out.println(result.passed() ? "JUDGED: SUCCESS" : "JUDGED: FAILURE\n" + result.result());
    System.exit(0);
  }
}
