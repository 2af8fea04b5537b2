/** Where in a message its coder is, for the texts of errors. */
export interface FieldPlace {
  enter(name: string): void;
  leave(): void;
  enterElements(): void;
  moveTo(index: number): void;
  leaveElements(): void;
  /** The path with '[]' for elements, and their indexes. */
  readonly where: [path: string, ...indexes: number[]];
}

export function fieldPlace(): FieldPlace {
  const names: string[] = [];
  const indexes: number[] = [];
  return {
    enter: (name) => names.push(name),
    leave: () => names.pop(),
    enterElements() {
      names.push('[]');
      indexes.push(0);
    },
    moveTo(index) {
      indexes[indexes.length - 1] = index;
    },
    leaveElements() {
      names.pop();
      indexes.pop();
    },
    get where(): [string, ...number[]] {
      return [names.join(''), ...indexes];
    },
  };
}
