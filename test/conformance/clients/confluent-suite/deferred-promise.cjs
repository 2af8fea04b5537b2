/** What the specs take of the inside of Confluent's module. */

class DeferredPromise extends Promise {
  constructor(executor) {
    let fulfil;
    super((resolve, reject) => {
      fulfil = resolve;
      executor?.(resolve, reject);
    });
    this.resolve = fulfil;
  }

  static get [Symbol.species]() {
    return Promise;
  }
}

module.exports = { DeferredPromise };
