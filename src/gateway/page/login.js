/** Scripts that say so are answered without the browser's own question for a password. */
const BY_SCRIPT = { 'x-requested-with': 'XMLHttpRequest' };

/**
 * Who uses the page. Where the broker wants to know, a form asks; what is typed stays in the memory
 * of this page and is gone when it is loaded again.
 */
export class Login {
  #authorization = '';
  #dialog = document.getElementById('login');
  #form = document.getElementById('login-form');
  /** Resolves when the form is sent; null while it is not shown. */
  #asking = null;
  #enter;
  /** Resolves when the broker has taken somebody in. */
  entered = new Promise((resolve) => {
    this.#enter = resolve;
  });

  constructor() {
    // Nothing can be done behind the form, so it stays.
    this.#dialog.addEventListener('cancel', (event) => event.preventDefault());
    document.getElementById('log-out').addEventListener('click', () => location.reload());
  }

  get isByForm() {
    return this.#authorization !== '';
  }

  /** A ticket for one connection. */
  async ticket() {
    for (;;) {
      const asWhom = this.#authorization;
      const response = await this.fetch('/ticket', { method: 'POST' });
      if (response.ok) {
        const { ticket, user } = await response.json();
        this.#show(user);
        return ticket;
      }
      if (response.status !== 401) throw new Error(`/ticket: ${response.status}`);
      // A late answer may refuse what was typed before, for another connection of the page.
      if (asWhom === this.#authorization) await this.#ask();
    }
  }

  /** Reads from the broker as this user. */
  fetch(path, options = {}) {
    const authorization = this.isByForm ? { authorization: this.#authorization } : {};
    return fetch(path, { ...options, headers: { ...BY_SCRIPT, ...authorization } });
  }

  #show(user) {
    document.getElementById('user').textContent = user === 'ANONYMOUS' ? '' : user;
    document.getElementById('log-out').hidden = !this.isByForm;
    this.#enter();
  }

  #ask() {
    this.#asking ??= new Promise((resolve) => {
      const { user, password, token, outcome } = this.#form.elements;
      outcome.className = 'bad';
      outcome.value = this.isByForm ? 'The broker does not take this.' : '';
      this.#dialog.showModal();
      const onSubmit = (event) => {
        event.preventDefault();
        this.#authorization =
          token.value === '' ? basicOf(user.value, password.value) : `Bearer ${token.value}`;
        password.value = '';
        token.value = '';
        this.#dialog.close();
        this.#asking = null;
        resolve();
      };
      this.#form.addEventListener('submit', onSubmit, { once: true });
    });
    return this.#asking;
  }
}

function basicOf(user, password) {
  const bytes = new TextEncoder().encode(`${user}:${password}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}
