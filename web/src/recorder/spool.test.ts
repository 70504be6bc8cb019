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

  it('has each chunk at once, while the server is sent a second at a time', async () => {
    const disk = new Disk();
    const spool = new Spool(disk);
    let woken = 0;
    const sent: number[] = [];
    for (let ms = 250; ms <= 2250; ms += 250) {
      void spool.changed().then(() => woken++);
      spool.append(of(1), ms);
      await Promise.resolve();
      sent.push(woken);
    }
    expect(disk.bytes.length).toBe(9);
    expect(sent).toEqual([1, 1, 1, 1, 2, 2, 2, 2, 3]);
    void spool.changed().then(() => woken++);
    spool.seal();
    await Promise.resolve();
    expect(woken).toBe(4);
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
    const spool = new Spool(new Disk(2), { keep: 0 });
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

/** The bytes of a file made of what is here, and where it ends. */
const held = (s: Spool, disk: Disk | null) => {
  const { onDisk, memory, endMs } = s.held();
  return { bytes: [...(disk?.bytes.subarray(0, onDisk) ?? []), ...memory.flatMap((m) => [...m])], endMs };
};

describe('what a file of it would have', () => {
  it('is all of it, from disk and memory, also what the server has', () => {
    const disk = new Disk(2);
    const spool = new Spool(disk);
    spool.append(of(1, 2), 1000);
    spool.append(of(3, 4), 2000);
    spool.append(of(5), 3000);
    spool.acknowledge(4);
    expect(held(spool, disk)).toEqual({ bytes: [1, 2, 3, 4, 5], endMs: 3000 });
    expect(spool.isComplete).toBe(true);
    expect(spool.progress().inMemory).toBe(1);
  });
  it('ends before the first byte that is on the server alone', () => {
    const disk = new Disk(2);
    const spool = new Spool(disk, { keep: 2 });
    for (const n of [1, 2, 3, 4, 5, 6, 7]) {
      spool.append(of(n), n * 1000);
      if (n === 6) spool.acknowledge(6);
    }
    expect(held(spool, disk)).toEqual({ bytes: [1, 2, 3, 4], endMs: 4000 });
    expect(spool.isComplete).toBe(false);
    expect([...spool.read(6, 7)]).toEqual([7]);
  });
  it('is in memory where the browser keeps no copy', () => {
    const spool = new Spool(null);
    spool.append(of(1), 1000);
    spool.acknowledge(1);
    spool.append(of(2), 2000);
    expect(held(spool, null)).toEqual({ bytes: [1, 2], endMs: 2000 });
  });
  it('ends after a crash where the disk was full', () => {
    const disk = new Disk();
    disk.write(of(1, 2), { at: 0 });
    expect(held(new Spool(disk, { endMs: 4000 }), disk)).toEqual({ bytes: [1, 2], endMs: 4000 });
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

describe('provisional bytes', () => {
  it('stand at the end of the file until the next ones take their place, and nobody is sent them', () => {
    const disk = new Disk();
    const spool = new Spool(disk);
    spool.append(of(1, 2));
    spool.appendProvisional(of(8, 8, 8));
    spool.appendProvisional(of(9));
    expect([...disk.bytes]).toEqual([1, 2, 8, 8, 8, 9]);
    expect(spool.progress()).toMatchObject({ recorded: 2, onDisk: 2 });
    expect(spool.held().onDisk).toBe(2);
    spool.append(of(3));
    expect([...disk.bytes]).toEqual([1, 2, 3]);
    expect(all(spool)).toEqual([1, 2, 3]);
  });

  it('are not there at the end', () => {
    const disk = new Disk();
    const spool = new Spool(disk);
    spool.append(of(1));
    spool.appendProvisional(of(9));
    spool.seal();
    spool.appendProvisional(of(9));
    expect([...disk.bytes]).toEqual([1]);
  });

  it('are not behind a gap: what comes before them is in memory', () => {
    const disk = new Disk(2);
    const spool = new Spool(disk);
    spool.append(of(1));
    spool.append(of(2, 3));
    spool.appendProvisional(of(9));
    expect([...disk.bytes]).toEqual([1]);
    expect(all(spool)).toEqual([1, 2, 3]);
  });

  it('are left out where the disk is full, with those before them', () => {
    const disk = new Disk(3);
    const spool = new Spool(disk);
    spool.append(of(1));
    spool.appendProvisional(of(8));
    spool.appendProvisional(of(9, 9, 9));
    expect([...disk.bytes]).toEqual([1]);
  });

  it('that cannot be taken away are not followed by others', () => {
    const disk = new Disk();
    const spool = new Spool(disk);
    spool.append(of(1));
    spool.appendProvisional(of(8, 8));
    disk.truncate = () => {
      throw new DOMException('', 'InvalidStateError');
    };
    spool.append(of(2));
    expect(disk.bytes[1]).toBe(8);
    expect(spool.progress()).toMatchObject({ recorded: 2, onDisk: 1, inMemory: 1 });
    expect(all(spool)).toEqual([1, 2]);
  });
});
