package millrace;

import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;

/** Tells the recorder which test runs. */
public final class CaseListener implements TestExecutionListener {
  @Override
  public void executionStarted(TestIdentifier test) {
    test.getSource().filter(MethodSource.class::isInstance).map(MethodSource.class::cast)
        .ifPresent(source -> {
          String[] names = source.getClassName().split("\\.");
          Recorder.inCase(names[names.length - 1], source.getMethodName());
        });
  }
}
