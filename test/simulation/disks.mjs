/**
 * The disks of all simulated machines. The broker's code knows one Storage, one BackgroundDisk and
 * one addon: each call goes to the disk that has its path or its descriptor.
 */
import { installBackgroundDisk } from '../../dist/base/background-disk.js';
import { native } from '../../dist/log/native.js';
import { installStorage, systemStorage } from '../../dist/log/storage.js';

const BY_PATH = ['syncDirectory', 'rename', 'unlink', 'makeDirectory', 'removeLater'];
const BY_DESCRIPTOR = ['close', 'write', 'truncate', 'sync', 'writeOut'];
/** These answer an errno. */
const BY_DESCRIPTOR_WITH_ERRNO = ['append', 'appendParts', 'reserve'];
const EIO = 5;

export class Disks {
  #disks;
  #nativeCalls = { openWindow: native.openWindow, closeWindow: native.closeWindow };

  constructor(disks) {
    this.#disks = disks;
  }

  install() {
    const { openWindow, closeWindow } = this.#nativeCalls;
    for (const disk of this.#disks) disk.closeWindow = closeWindow;
    native.openWindow = (fd, length) => {
      const window = openWindow(fd, length);
      if (window >= 0) this.#withDescriptor(fd)?.windows.add(window);
      return window;
    };
    native.closeWindow = (window) => {
      for (const disk of this.#disks) disk.windows.delete(window);
      closeWindow(window);
    };
    this.installFiles();
  }

  /** Whoever put something of its own before them is out of it again. */
  installFiles() {
    installStorage(this.#storage());
    installBackgroundDisk({
      remove: (path, onDone) => this.#at(path).background.remove(path, onDone),
      write: (fd, bytes) =>
        this.#withDescriptor(fd)?.background.write(fd, bytes) ?? Promise.resolve(EIO),
      sync: (fd) => this.#withDescriptor(fd)?.background.sync(fd) ?? Promise.resolve(EIO),
      syncDirectory: (path) => this.#at(path).background.syncDirectory(path),
    });
  }

  #storage() {
    const calls = { ...systemStorage };
    for (const name of BY_PATH) {
      calls[name] = (path, ...words) => this.#at(path).storage[name](path, ...words);
    }
    calls.open = (path, flags) => {
      const disk = this.#at(path);
      const fd = disk.storage.open(path, flags);
      for (const other of this.#disks) if (other !== disk) other.forget(fd);
      return fd;
    };
    for (const name of BY_DESCRIPTOR) {
      calls[name] = (fd, ...words) => {
        const disk = this.#withDescriptor(fd);
        if (disk === undefined) throw new Error(`the process that had ${fd} open is dead`);
        return disk.storage[name](fd, ...words);
      };
    }
    for (const name of BY_DESCRIPTOR_WITH_ERRNO) {
      calls[name] = (fd, ...words) => {
        const disk = this.#withDescriptor(fd);
        return disk === undefined ? EIO : disk.storage[name](fd, ...words);
      };
    }
    return calls;
  }

  #at(path) {
    const disk = this.#disks.find((each) => each.holds(path));
    if (disk === undefined) throw new Error(`${path} is on no simulated disk`);
    return disk;
  }

  #withDescriptor(fd) {
    return this.#disks.find((each) => each.opened(fd));
  }

  uninstall() {
    for (const disk of this.#disks) disk.remove();
    Object.assign(native, this.#nativeCalls);
  }
}
