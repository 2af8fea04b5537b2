import java.util.Arrays;
import java.util.Properties;
import java.util.Random;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Writes to several partitions in each transaction until it is stopped, and prints a line of JSON
 * for what each is about to write, and one for what became of it: committed, aborted, or unknown
 * where a commit was asked for and the producer failed for good.
 * Arguments: bootstrap servers, topic, partitions, transactional id, time-out, pause in between.
 */
public final class Transactions {
  private static final int BLOCK_MS = 120_000;
  private static final int REQUEST_MS = 5_000;
  private static final int ABORTS_ONE_OF = 6;
  private static volatile boolean isEnding = false;

  private final String[] args;
  private final String padding = "x".repeat(200);
  private final Random random = new Random();
  private int number = 0;

  private Transactions(String[] args) {
    this.args = args;
  }

  private Properties config() {
    Properties config = new Properties();
    config.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, args[0]);
    config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, args[3]);
    config.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, args[4]);
    config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, BLOCK_MS);
    config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, BLOCK_MS);
    config.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_MS);
    return config;
  }

  private void run() throws InterruptedException {
    StringSerializer strings = new StringSerializer();
    while (!isEnding) {
      try (KafkaProducer<String, String> producer = new KafkaProducer<>(config(), strings, strings)) {
        producer.initTransactions();
        while (!isEnding && one(producer)) Thread.sleep(Integer.parseInt(args[5]));
      } catch (KafkaException error) {
        System.err.println(error);
      }
    }
  }

  /** False where another producer must go on. */
  private boolean one(KafkaProducer<String, String> producer) {
    int[] places = random.ints(2 + random.nextInt(6), 0, Integer.parseInt(args[2])).toArray();
    number++;
    System.out.printf(
        "{\"name\":\"begun\",\"number\":%d,\"places\":%s}%n", number, Arrays.toString(places));
    boolean isAsked = false;
    try {
      producer.beginTransaction();
      for (int i = 0; i < places.length; i++) {
        String value = args[3] + ":" + number + ":" + i + ":" + padding;
        producer.send(new ProducerRecord<>(args[1], places[i], null, value));
      }
      if (random.nextInt(ABORTS_ONE_OF) == 0) {
        producer.abortTransaction();
        ended("aborted");
      } else {
        isAsked = true;
        commit(producer);
        ended("committed");
      }
      return true;
    } catch (KafkaException error) {
      System.err.println(error);
      return isTakenBack(producer, isAsked);
    }
  }

  private void commit(KafkaProducer<String, String> producer) {
    for (;;) {
      try {
        producer.commitTransaction();
        return;
      } catch (TimeoutException late) {
        System.err.println(late);
      }
    }
  }

  private boolean isTakenBack(KafkaProducer<String, String> producer, boolean isAsked) {
    try {
      producer.abortTransaction();
      ended("aborted");
      return true;
    } catch (KafkaException error) {
      System.err.println(error);
      ended(isAsked ? "unknown" : "aborted");
      return false;
    }
  }

  private void ended(String outcome) {
    System.out.printf("{\"name\":\"ended\",\"number\":%d,\"outcome\":\"%s\"}%n", number, outcome);
  }

  public static void main(String[] args) throws InterruptedException {
    Thread main = Thread.currentThread();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
      isEnding = true;
      try {
        main.join();
      } catch (InterruptedException error) {
        Thread.currentThread().interrupt();
      }
    }));
    new Transactions(args).run();
  }
}
