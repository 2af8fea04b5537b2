import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.internals.StreamsGroupHeartbeatRequestManager;
import org.apache.kafka.common.message.StreamsGroupHeartbeatRequestData;
import org.apache.kafka.common.message.StreamsGroupHeartbeatRequestDataJsonConverter;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.TopologyException;
import org.apache.kafka.streams.processor.internals.InternalTopologyBuilder;
import org.apache.kafka.streams.processor.internals.StreamThread;
import org.apache.kafka.streams.tests.RelationalSmokeTest;
import org.apache.kafka.streams.tests.SmokeTestClient;

/**
 * Prints the topologies that members of a streams group send, one JSON object a line: of Kafka's
 * smoke tests, of those that `Descriptions` describes, and of the cases that come in.
 */
public final class GroupTopologies {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> DESCRIBED = List.of("pipe", "lineSplit", "wordCount",
      "temperature", "pageViewRegion", "streamJoin", "unnamedAggregation");

  public static void main(String[] args) throws Exception {
    Properties config = config("golden");
    print("smoke", new SmokeTestClient("golden").getTopology(), config);
    print("relational-smoke", RelationalSmokeTest.App.getTopology(), config);
    for (String name : DESCRIBED) {
      Method method = Descriptions.class.getDeclaredMethod(name);
      method.setAccessible(true);
      print(name, (Topology) method.invoke(null), config);
    }
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      JsonNode spec = JSON.readTree(line);
      Properties own = config("judge");
      spec.path("config").fields().forEachRemaining(e -> own.put(e.getKey(), e.getValue().asText()));
      try {
        print(spec.get("name").asText(), new JudgedTopology(spec, own).build(), own);
      } catch (TopologyException | InvocationTargetException refused) {
        // Kafka Streams refuses the topology, or cannot say it in the protocol.
        continue;
      }
    }
  }

  private static Properties config(String applicationId) {
    Properties config = new Properties();
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, applicationId);
    config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "nowhere:0");
    config.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
    config.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
    return config;
  }

  /** As a stream thread makes it for its consumer, whose heartbeat carries it. */
  private static void print(String name, Topology topology, Properties properties)
      throws Exception {
    StreamsConfig config = new StreamsConfig(properties);
    Field field = Topology.class.getDeclaredField("internalTopologyBuilder");
    field.setAccessible(true);
    InternalTopologyBuilder builder = (InternalTopologyBuilder) field.get(topology);
    builder.rewriteTopology(config);
    builder.buildTopology();
    Method init = StreamThread.class.getDeclaredMethod(
        "initBrokerTopology", StreamsConfig.class, InternalTopologyBuilder.class);
    init.setAccessible(true);
    Object subtopologies = init.invoke(null, config, builder);
    Class<?> state = Class.forName(
        StreamsGroupHeartbeatRequestManager.class.getName() + "$HeartbeatState");
    Method send = state.getDeclaredMethod("fromStreamsToHeartbeatRequest", Map.class);
    send.setAccessible(true);
    @SuppressWarnings("unchecked")
    var sent = (List<StreamsGroupHeartbeatRequestData.Subtopology>) send.invoke(null, subtopologies);
    var request = new StreamsGroupHeartbeatRequestData();
    request.setTopology(
        new StreamsGroupHeartbeatRequestData.Topology().setEpoch(0).setSubtopologies(sent));
    JsonNode written =
        StreamsGroupHeartbeatRequestDataJsonConverter.write(request, (short) 0).get("topology");
    ObjectNode answer = JSON.createObjectNode();
    answer.put("name", name);
    answer.set("topology", written);
    System.out.println(JSON.writeValueAsString(answer));
  }
}
