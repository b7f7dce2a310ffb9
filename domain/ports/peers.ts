/** A TCP connection, by its other end and the port that it came to. */
export interface PeerConnection {
  /** An IPv4 or IPv6 address, as the server tells it. */
  readonly address: string;
  readonly port: number;
  readonly localPort: number;
}

/** Sees connections from outside of the server that holds them. */
export interface Peers {
  /**
   * Those whose other end has closed, be it only for what it sends. None where that cannot be seen, so
   * that nobody is taken for gone who is not. Rejects when what sees them is lost meanwhile.
   */
  gone(connections: readonly PeerConnection[]): Promise<readonly PeerConnection[]>;
}
