import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

/**
 * Reads messages from standard input, decodes each with Kafka's own classes, encodes it again and
 * writes the bytes to standard output. Both ways a frame is an int32 length and its bytes:
 *
 * in:  int16 api key, int16 version, int8 1 for a response, body without header
 * out: int8 status (0 done, 1 Kafka refused it, 2 Kafka lacks key or version), body or text
 */
public final class RoundTrip {
    private static final int DONE = 0;
    private static final int REFUSED = 1;
    private static final int UNKNOWN = 2;

    private static ApiMessage messageFor(short key, boolean isResponse) {
        ApiMessageType type = ApiMessageType.fromApiKey(key);
        return isResponse ? type.newResponse() : type.newRequest();
    }

    private static byte[] encode(ApiMessage message, short version) {
        ObjectSerializationCache cache = new ObjectSerializationCache();
        ByteBuffer out = ByteBuffer.allocate(message.size(cache, version));
        message.write(new ByteBufferAccessor(out), cache, version);
        return out.array();
    }

    private static void answer(DataOutputStream out, int status, byte[] body) throws IOException {
        out.writeInt(1 + body.length);
        out.writeByte(status);
        out.write(body);
    }

    private static void roundTrip(ByteBuffer frame, DataOutputStream out) throws IOException {
        short key = frame.getShort();
        short version = frame.getShort();
        ApiMessage message = messageFor(key, frame.get() == 1);
        if (version < message.lowestSupportedVersion() || version > message.highestSupportedVersion()) {
            answer(out, UNKNOWN, new byte[0]);
            return;
        }
        try {
            message.read(new ByteBufferAccessor(frame), version);
        } catch (RuntimeException e) {
            answer(out, REFUSED, e.toString().getBytes(StandardCharsets.UTF_8));
            return;
        }
        answer(out, DONE, encode(message, version));
    }

    public static void main(String[] args) throws IOException {
        DataInputStream in = new DataInputStream(new BufferedInputStream(System.in));
        try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(System.out))) {
            for (int first = in.read(); first >= 0; first = in.read()) {
                int length = first << 24 | in.readUnsignedByte() << 16 | in.readUnsignedShort();
                byte[] frame = new byte[length];
                in.readFully(frame);
                roundTrip(ByteBuffer.wrap(frame), out);
            }
        }
    }
}
