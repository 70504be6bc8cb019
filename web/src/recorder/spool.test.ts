import { describe, expect, it } from 'vitest';
import { RequestRefused } from './request';
import { Spool, type SpoolFile } from './spool';

/** A file with a quota, like those of the private file system. */
class Disk implements SpoolFile {
  bytes = new Uint8Array();
  constructor(private quota = Infinity) {}
  getSize = () => this.bytes.length;
  read(to: Uint8Array, { at }: { at: number }) {
    const part = this.bytes.subarray(at, at + to.length);
    to.set(part);
    return part.length;
  }
  write(from: Uint8Array, { at }: { at: number }) {
    const room = Math.min(from.length, this.quota - at);
    const bytes = new Uint8Array(Math.max(this.bytes.length, at + room));
    bytes.set(this.bytes);
    bytes.set(from.subarray(0, room), at);
    this.bytes = bytes;
    if (room < from.length) throw new DOMException('', 'QuotaExceededError');
    return room;
  }
  truncate(n: number) {
    this.bytes = this.bytes.slice(0, n);
  }
  flush() {}
}

const of = (...bytes: number[]) => new Uint8Array(bytes);
const all = (s: Spool, from = 0) => [...s.read(from, s.state().bytes)];

describe('a disk with room', () => {
  it('has every byte before anybody can read it', () => {
    const disk = new Disk();
    const spool = new Spool(disk);
    spool.append(of(1, 2));
    spool.append(of(3));
    expect([...disk.bytes]).toEqual([1, 2, 3]);
    expect(all(spool, 1)).toEqual([2, 3]);
    expect(spool.progress()).toEqual({ recorded: 3, onDisk: 3, durable: 0, inMemory: 0 });
  });

  it('is taken up again after a crash', () => {
    const disk = new Disk();
    new Spool(disk).append(of(1, 2, 3));
    expect(all(new Spool(disk))).toEqual([1, 2, 3]);
  });

  it('keeps what the server has, so that all can be sent again', () => {
    const spool = new Spool(new Disk());
    spool.append(of(1, 2));
    spool.acknowledge(2);
    expect(spool.isComplete).toBe(true);
    spool.resetDurable();
    expect(spool.progress().durable).toBe(0);
    expect(all(spool)).toEqual([1, 2]);
  });
});

describe('a disk that fills up', () => {
  it('hands over to memory without a gap', () => {
    const disk = new Disk(4);
    const spool = new Spool(disk);
    spool.append(of(1, 2, 3));
    spool.append(of(4, 5));
    spool.append(of(6)); // would fit, but the file must not have a gap
    expect([...disk.bytes]).toEqual([1, 2, 3]);
    expect(all(spool)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(all(spool, 4)).toEqual([5, 6]);
    expect(spool.progress()).toEqual({ recorded: 6, onDisk: 3, durable: 0, inMemory: 3 });
  });

  it('memory is given back when the server has the bytes, and then they are gone here', () => {
    const spool = new Spool(new Disk(2));
    spool.append(of(1, 2));
    spool.append(of(3, 4));
    spool.append(of(5, 6));
    spool.acknowledge(5);
    expect(spool.progress()).toEqual({ recorded: 6, onDisk: 2, durable: 5, inMemory: 2 });
    expect(spool.isComplete).toBe(false);
    expect([...spool.read(5, 6)]).toEqual([6]);
    expect(() => spool.read(2, 6)).toThrow(RequestRefused);
  });
});

it('without a disk all is in memory', () => {
  const spool = new Spool(null);
  spool.append(of(1, 2));
  expect(spool.progress()).toEqual({ recorded: 2, onDisk: 0, durable: 0, inMemory: 2 });
  expect(all(spool)).toEqual([1, 2]);
});

it('wakes who waits, for new bytes and for the end', async () => {
  const spool = new Spool(null);
  let woken = spool.changed();
  spool.append(of(1));
  await woken;
  woken = spool.changed();
  spool.seal();
  await woken;
  expect(spool.state()).toEqual({ bytes: 1, sealed: true });
});
