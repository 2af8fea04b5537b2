const KEY = 'millrace-streams-token';

/** Asks for a token where the application wants one, and sends it along. */
export class Access {
  #dialog = document.getElementById('login');
  #form = document.getElementById('login-form');
  #waiting = null;

  constructor() {
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      sessionStorage.setItem(KEY, this.#form.elements.token.value);
      this.#waiting?.();
    });
    // Without a token there is nothing to show behind it.
    this.#dialog.addEventListener('cancel', (event) => event.preventDefault());
  }

  /** The answer as JSON, once there is one. */
  async get(path) {
    for (;;) {
      const token = sessionStorage.getItem(KEY);
      const headers = token === null ? {} : { authorization: `Bearer ${token}` };
      const response = await fetch(path, { headers });
      if (response.status !== 401) {
        if (this.#dialog.open) this.#dialog.close();
        if (!response.ok) throw new Error(`${path}: status ${response.status}`);
        return await response.json();
      }
      await this.#asked(token !== null);
    }
  }

  #asked(isWrong) {
    this.#form.elements.outcome.value = isWrong ? 'This token is not the right one.' : '';
    this.#form.elements.outcome.className = 'bad';
    if (!this.#dialog.open) this.#dialog.showModal();
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }
}
