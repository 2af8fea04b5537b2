import { Chromium } from '../../conformance/lib/chromium.mjs';
import { PageServer } from './page-server.ts';

/** A page in headless Chromium that runs what `program.mjs` has. */
export class ProgramPage {
  readonly #browser: Chromium;
  readonly #server: PageServer;

  /** Whether there is a browser on this machine. */
  static get isPossible(): boolean {
    return Chromium.isInstalled;
  }

  static async start(): Promise<ProgramPage> {
    const [browser, server] = await Promise.all([Chromium.start(), PageServer.start()]);
    const page = new ProgramPage(browser, server);
    await page.load();
    return page;
  }

  private constructor(browser: Chromium, server: PageServer) {
    this.#browser = browser;
    this.#server = server;
  }

  /** What the page wrote to its console as warnings and errors, and what it threw. */
  get complaints(): readonly string[] {
    return this.#browser.complaints;
  }

  /** Opens the page, which ends whatever ran in it. */
  async load(): Promise<void> {
    await this.#browser.send('Page.navigate', { url: 'about:blank' });
    await this.#browser.send('Page.navigate', { url: this.#server.url });
    const ready = `new Promise((resolve) => {
      const look = () => globalThis.run ? resolve(true) : setTimeout(look, 20);
      look();
    })`;
    await this.#browser.evaluate(ready);
  }

  /** What a part of the program answers, in the page or in a worker of it. */
  // biome-ignore lint/suspicious/noExplicitAny: it comes as JSON.
  run(name: string, given: object, place: 'run' | 'runInWorker' = 'run'): Promise<any> {
    return this.#browser.evaluate(`${place}(${JSON.stringify(name)}, ${JSON.stringify(given)})`);
  }

  async close(): Promise<void> {
    await this.#browser.close();
    this.#server.close();
  }
}
