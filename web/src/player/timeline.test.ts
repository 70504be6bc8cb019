import { describe, expect, it } from 'vitest';
import { clampToSpan, clusterMarkers, clusterLabel, fraction, loadedUntil, mergeSpans, cssPosition, timeAt, type Marker } from './timeline';

const minute = { start: 0, end: 60 };
const part = { start: 10, end: 30 };

describe('positions', () => {
  it.each([
    [0, minute, 0],
    [30, minute, 0.5],
    [-5, minute, 0],
    [90, minute, 1],
    [20, part, 0.5],
    [0, part, 0],
    [5, { start: 0, end: 0 }, 0],
    [NaN, minute, 0],
  ])('fraction(%s) of %o is %s', (t, span, want) => expect(fraction(t, span)).toBe(want));

  it('is a percentage for CSS', () => expect(cssPosition(20, part)).toBe('50.000%'));
  it('holds a time within what may be watched', () => {
    expect(clampToSpan(5, part)).toBe(10);
    expect(clampToSpan(99, part)).toBe(30);
    expect(clampToSpan(5, { start: 10, end: 4 })).toBe(10); // the end is not known yet
  });
  it('turns a pointer into a time', () => {
    expect(timeAt(150, 50, 200, minute)).toBe(30);
    expect(timeAt(0, 50, 200, minute)).toBe(0);
    expect(timeAt(900, 50, 200, part)).toBe(30);
    expect(timeAt(10, 0, 0, part)).toBe(10); // not laid out yet
  });
});

describe('what is loaded', () => {
  const ranges = [
    { start: 0, end: 4 },
    { start: 10, end: 25 },
  ];
  it.each([
    [2, 4],
    [12, 25],
    [9.8, 25],
    [7, 7],
    [30, 30],
  ])('at %s it reaches to %s', (t, want) => expect(loadedUntil(ranges, t)).toBe(want));
});

describe('markers', () => {
  const m = (id: string, at: number, name = id): Marker => ({ id, at, name });
  const ids = (list: ReturnType<typeof clusterMarkers>) => list.map((c) => c.markers.map((x) => x.id).join(''));

  it('stand alone when there is room, and in time order', () =>
    expect(ids(clusterMarkers([m('b', 30), m('a', 5)], minute, 600))).toEqual(['a', 'b']));
  it('join when nearer than the gap', () => {
    expect(ids(clusterMarkers([m('a', 5), m('b', 6), m('c', 30)], minute, 600))).toEqual(['ab', 'c']);
    expect(ids(clusterMarkers([m('a', 5), m('b', 6), m('c', 30)], minute, 6000))).toEqual(['a', 'b', 'c']);
  });
  it('do not chain into one endless cluster', () => {
    const many = Array.from({ length: 20 }, (_, i) => m(String.fromCharCode(97 + i), i * 2));
    expect(clusterMarkers(many, minute, 600).length).toBeGreaterThan(5);
  });
  it('outside a link’s part are left out', () =>
    expect(ids(clusterMarkers([m('a', 5), m('b', 12), m('c', 31)], part, 600))).toEqual(['b']));
  it('say who and when', () => {
    expect(clusterLabel({ at: 5, markers: [m('a', 5, 'Ana')] }, '0:05')).toBe('Comment by Ana at 0:05');
    expect(clusterLabel({ at: 5, markers: [m('a', 5, 'Ana'), m('b', 5, 'Bo'), m('c', 5, 'Cy')] }, '0:05')).toBe(
      '3 comments by Ana, Bo and others at 0:05',
    );
    expect(clusterLabel({ at: 5, markers: [m('a', 5, 'Ana'), m('b', 5, 'Ana')] }, '0:05')).toBe('2 comments by Ana at 0:05');
  });
});

describe('merge', () => {
  it('joins what overlaps or nearly touches and drops what is empty', () =>
    expect(
      mergeSpans([
        { start: 5, end: 9 },
        { start: 0, end: 3 },
        { start: 3.2, end: 4 },
        { start: 8, end: 12 },
        { start: 20, end: 20 },
      ]),
    ).toEqual([
      { start: 0, end: 4 },
      { start: 5, end: 12 },
    ]));
  it('does not change what it was given', () => {
    const given = [
      { start: 0, end: 3 },
      { start: 2, end: 5 },
    ];
    mergeSpans(given);
    expect(given).toEqual([
      { start: 0, end: 3 },
      { start: 2, end: 5 },
    ]);
  });
  it('keeps the longest when there are too many', () =>
    expect(
      mergeSpans(
        [
          { start: 0, end: 1 },
          { start: 10, end: 15 },
          { start: 20, end: 23 },
        ],
        0.5,
        2,
      ),
    ).toEqual([
      { start: 10, end: 15 },
      { start: 20, end: 23 },
    ]));
});
