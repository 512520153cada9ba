// The end of a long text that arrives in pieces, at a cost that grows with the text alone.

export class Tail {
  private pieces: string[] = [];
  private length = 0;

  /** `most`: how many characters are kept. */
  constructor(private readonly most: number) {}

  push(piece: string): void {
    this.pieces.push(piece);
    this.length += piece.length;
    if (this.length < 2 * this.most) return;
    this.pieces = [this.text]; // joined once in `most` characters, not at each piece
    this.length = this.most;
  }

  get text(): string {
    return this.pieces.join("").slice(-this.most);
  }
}
