import java.util.ArrayList;
import java.util.List;

/** The functions that a case may name. `functions.mjs` has the same. */
final class JudgedFunctions {
  private static final int LIMIT = 40;

  private JudgedFunctions() {}

  static String text(Object value) {
    return String.valueOf(value);
  }

  /** The last characters, so that aggregates stay small. */
  static String bounded(String value) {
    return value.length() <= LIMIT ? value : value.substring(value.length() - LIMIT);
  }

  static boolean test(String name, Object key, Object value) {
    return switch (name) {
      case "evenLength" -> text(value).length() % 2 == 0;
      case "evenKey" -> text(key).length() % 2 == 0;
      case "lastBelowM" -> !text(value).isEmpty() && text(value).charAt(text(value).length() - 1) < 'm';
      case "never" -> false;
      default -> throw new IllegalArgumentException(name);
    };
  }

  static Object mapValue(String name, Object key, Object value) {
    return switch (name) {
      case "upper" -> text(value).toUpperCase();
      case "append" -> bounded(text(value) + "!");
      case "withKey" -> bounded(text(key) + ":" + text(value));
      case "nullIfEven" -> text(value).length() % 2 == 0 ? null : text(value);
      default -> throw new IllegalArgumentException(name);
    };
  }

  static String mapKey(String name, Object key, Object value) {
    return switch (name) {
      case "firstOfValue" -> text(value).substring(0, Math.min(text(value).length(), 1));
      case "firstOfKey" -> text(key).substring(0, Math.min(text(key).length(), 1));
      case "keyText" -> text(key);
      case "nullIfEven" -> text(value).length() % 2 == 0 ? null : text(key);
      default -> throw new IllegalArgumentException(name);
    };
  }

  static List<Object> flatValues(String name, Object key, Object value) {
    List<Object> values = new ArrayList<>();
    switch (name) {
      case "twice" -> {
        values.add(bounded(text(value) + "1"));
        values.add(bounded(text(value) + "2"));
      }
      case "letters" -> {
        for (char letter : text(value).toCharArray()) values.add(String.valueOf(letter));
      }
      case "none" -> { }
      default -> throw new IllegalArgumentException(name);
    }
    return values;
  }

  static String join(Object left, Object right) {
    return bounded(text(left) + "+" + text(right));
  }

  static String add(Object key, Object value, Object sum) {
    return bounded(text(sum) + text(value));
  }

  static String subtract(Object key, Object value, Object sum) {
    return bounded(text(sum) + "-" + text(value));
  }

  static String mergeSessions(Object key, Object left, Object right) {
    return bounded(text(left) + "&" + text(right));
  }
}
