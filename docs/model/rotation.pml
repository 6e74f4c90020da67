/* The rotation protocol of one lineage (protocol.md), for the model checker Spin. README.md says how to run it.
 * A key is its id and its value at once; younger keys have higher ids; 0 is none. Serial runs go on for ever: between
 * two of them ids are renumbered, so any number of rotations is a finite number of states. */
#ifndef FAULTS
#define FAULTS 3
#endif
#ifndef REVOKE_WHEN
#define REVOKE_WHEN all                 /* primary, immediately or all: read only with -DEXPOSED */
#endif
/* on(X) is 1 with -DX and 0 without, so that variants read as part of the protocol rather than as text around it. */
#define on(flag) on_(flag)
#define on_(value) on__(is_##value)
#define on__(pair) second(pair 1, 0)
#define second(first, this, ...) this
#define is_1 0,
#define when(condition, then) if :: condition -> then :: else fi
#define or_fault(then) :: atomic { faults > 0 -> faults--; then }

#define N 13                            /* ids; more are never needed, or `the_model_is_wide_enough` says so */
#define ended_run 3                     /* the holder of a lock whose run is over: anybody may break it */
#define breakable (lock == ended_run || lapsed)
#define only(k) (1 << (k))
#define below(k) (only(k) - 1)
#define alive(k) ((live >> (k)) & 1)
#define took (fate == applied || fate == reply_lost)
/* A personal key issues its successor, which then revokes it (fact 4). A minter is outside the lineage and stays. */
#define can_issue (on(MINTER) || alive(hand))
#define can_revoke (on(MINTER) || (pend && !adopted && !undo -> alive(pend) : alive(hand)))
/* After an exposure `revoke_when` excuses one key, where that choice says so, and nothing else (S1, S2). */
#define excused(d) (exposed && dest[d] == exposed && (REVOKE_WHEN == immediately || (REVOKE_WHEN == primary && d != 0)))
#define may_die_early(k) (k == exposed && (REVOKE_WHEN == immediately || (REVOKE_WHEN == primary && dest[0] > k)))

mtype = { applied, reply_lost, request_lost, refused, nothing, sweep, rotate, primary, immediately, all };
short live = only(1);                   /* what outlives a run; keys as a set of bits */
byte dest[2] = 1, note_p, note_c = 1;   /* pending and confirmed; `old_key_id` stands in for the latter at first */
byte lock, exposed, fresh = 2, faults = FAULTS, kept_c;     /* kept_c: what an older note of ours confirmed */
bit ours, seal_c, bad, claim, stranger = 1; /* who wrote the note; it is garbled; it names a stranger's key; which lives */
bit lapsed, over[3];                    /* the lease of whoever holds the lock has ended; a process has ended */
bit foreign[2];                         /* somebody else wrote it since we did: its write time tells */
bit moved[6];                           /* [2 * me - 2 + d]: d's write time is no longer what run `me` saw before */
bit S1_no_destination_holds_a_dead_key = 1, S2_every_destination_holds_a_newer_key = 1;
bit S7_no_key_of_a_stranger_dies = 1, S10_nobody_keeps_an_exposed_key_alive = 1;
bit S5_a_clean_run_comes_to_rest = 1, S6_live_keys_are_bounded = 1, the_model_is_wide_enough = 1;

inline hold_s1() {
  S1_no_destination_holds_a_dead_key = (alive(dest[0]) || excused(0)) && (alive(dest[1]) || excused(1));
  assert(S1_no_destination_holds_a_dead_key)
}

inline hold_s6() {
  k = 1; count = 0;
  do :: k <= N -> count = count + alive(k); k++ :: else -> break od;
  S6_live_keys_are_bounded = on(OUTAGE) || count <= FAULTS + 2 + on(OVERLAP); k = 0; count = 0;
  assert(S6_live_keys_are_bounded)
}

/* Order is all that ids say, so equal orders are made equal states. Between serial runs nobody else knows an id. */
#define used(k) (alive(k) || dest[0] == k || dest[1] == k || note_p == k || note_c == k || exposed == k || kept_c == k)
#define renamed(x) x = (x == k -> fresh : x)
inline renumber() {
  when((exposed && !alive(exposed) && dest[0] != exposed && dest[1] != exposed), exposed = 0);
  k = 1; fresh = 1;
  do :: k > N -> break :: k <= N && !used(k) -> k++
  :: k <= N && used(k) ->
     when(alive(k), live = (live & ~only(k)) | only(fresh));
     renamed(dest[0]); renamed(dest[1]); renamed(note_p); renamed(note_c); renamed(exposed); renamed(kept_c); fresh++; k++
  od;
  k = 0
}

/* A note proves itself to who has the value of a key that it names, or the minter's; it is sealed with those at hand. */
#define proves (ours && (on(MINTER) || (hand && (hand == note_p || (seal_c && hand == note_c)))))

#define garbled (bad && (!urgent || on(WRONG_11)))          /* a routine run refuses; a kill goes on without it */

/* Somebody may write variables, and has no key: he deletes the note, garbles it, writes what he likes, or puts back an
 * older one; he deletes the lock, or writes one that no run of ours can have written. */
inline rewrite() {
  atomic {
    faults > 0 && on(REWRITER) -> faults--; printf("somebody rewrites note or lock\n");
    if
    :: ours = 0; note_p = 0; note_c = 0; claim = 0; bad = 0
    :: ours = 0; note_p = 0; note_c = 0; claim = 0; bad = 1
    :: ours = 0; claim = 1; bad = 0; note_p = 0; note_c = 0;
       do :: note_c + 1 < fresh -> note_c++ :: break od
    :: kept_c -> ours = 1; seal_c = 1; claim = 0; bad = 0; note_p = 0; note_c = kept_c
    :: lock = 0; lapsed = 0
    :: lock = ended_run; lapsed = 0
    fi
  }
}

/* Somebody puts an older value back into a destination, which is not ours to revoke under his hands. */
#define overwritten (foreign[0] || foreign[1])
inline meddle(d) {
  atomic {
    faults > 0 && on(MEDDLER) -> faults--; k = 1;
    do :: k + 1 < dest[d] -> k++ :: alive(k) -> break :: else -> k = dest[d]; break od;
    dest[d] = k; foreign[d] = 1; moved[d] = 1; moved[2 + d] = 1; k = 0; printf("somebody writes d%d\n", d + 1)
  }
}

/* Before a move, which is also after the one before: the run dies, or stalls until its lease is over and goes on. */
inline hazard() { if :: meddle(0) :: meddle(1) :: hazard_of_the_run() fi }
inline hazard_of_the_run() {
  if
  :: true
  or_fault(printf("run %d dies\n", me); goto dead)
  :: rewrite()
  :: atomic { faults > 0 && lock == me && !stalled -> faults--; stalled = 1; lapsed = 1; printf("run %d stalls\n", me) }
  fi
}

inline choose_fate() {
  if :: fate = applied or_fault(if :: fate = reply_lost :: fate = request_lost :: fate = refused fi) fi
}

/* What to do, from the list, the note and the value at hand. The last that applies wins; age is the first (R1, R2). */
inline look() {
  proven = proves || on(WRONG_10) || (!claim && !ours && !note_p && !note_c && !bad);
  keys = live; seen_p = (proven -> note_p : 0); seen_c = (on(WRONG_3) && note_p -> note_p : note_c);
  seen_c = (proven -> seen_c : 0); believed = proven && claim;
  base = (alive(seen_c) -> seen_c : 0);
  newer = (base -> keys & ~below(base + 1) : keys);         /* without a base nothing vouches for any key */
  older = (base -> keys & below(base) : 0);
  newest = N;
  do :: newest > 0 && !alive(newest) -> newest-- :: else -> break od;
  adopted = newer && seen_p && seen_p == newest && hand == seen_p && hand != exposed;
  goal = (due -> rotate : nothing);
  when((older && (elapsed || urgent)), goal = sweep);
  when((base && hand != base && !on(WRONG_4) && !on(WRONG_7)), goal = rotate);
  when(((newer || !keys) && !on(WRONG_4)), goal = rotate);
  when((base && overwritten), goal = rotate);
  when((urgent && alive(exposed) && !(older & only(exposed))), goal = rotate)
}

inline put(d) {
  hazard();
  atomic {
    when((stalled && !on(WRONG_6)), goto give_up); /* with a margin: the write lands within the lease */
    choose_fate();
    when(took, dest[d] = pend; foreign[d] = 0; moved[d] = 1; moved[2 + d] = 1; hold_s1());
    printf("run %d puts key %d into d%d: %e\n", me, pend, d + 1, fate);
    sent[d] = fate != refused; spread = spread || sent[d]; stored = stored || !d && fate == applied; fate = applied
  }
}

/* A secret cannot be read back: all that a receipt shows is that the write time has moved, and no further than by us. */
inline confirm(d) {
  hazard();
  atomic {
    when((sent[d] && on(WRONG_13)), foreign[d] = 0);
    if :: sure[d] = sent[d] && moved[2 * me - 2 + d] && !foreign[d] or_fault(skip) fi
  }
}

inline revoke(x) {
  hazard_of_the_run();                                      /* nothing can be shown of what is written after the last look */
  atomic {
    when((stalled && !undo), goto leave);
    choose_fate();
    S2_every_destination_holds_a_newer_key = !(took && alive(x) && can_revoke) || (dest[0] > x && dest[1] > x) ||
        may_die_early(x) || ((mine & only(x)) && !spread && dest[0] != x && dest[1] != x) || on(OUTAGE);
    when((took && can_revoke), live = live & ~only(x));
    printf("run %d revokes key %d: %e\n", me, x, fate); fate = applied;
    assert(S2_every_destination_holds_a_newer_key); hold_s1()
  }
}

/* In the batch before a revoke each destination is read again: is what stands there ours? */
inline last_look() { hazard(); when((overwritten && !on(WRONG_12)), goto leave) }

inline revoke_all(which) {
  doomed = which; x = 1;
  if
  :: believed -> stranger = 0; S7_no_key_of_a_stranger_dies = 0; assert(S7_no_key_of_a_stranger_dies)
  :: else
  fi;
  do :: x <= N && (doomed & only(x)) -> revoke(x); x++ :: x <= N && !(doomed & only(x)) -> x++ :: x > N -> break od;
  x = 0; doomed = 0
}

/* A note is written whole: a stale run overwrites what it never read. */
inline write_note(p, c) {
  hazard();
  atomic {
    choose_fate();
    when((took && !on(NO_NOTE)), when(on(REWRITER) && ours && !note_p, kept_c = note_c); note_p = p; note_c = c;
        ours = 1; seal_c = c && (c == pend || (!urgent && hand == c)); claim = 0; bad = 0);
    printf("run %d notes pending %d, confirmed %d: %e\n", me, p, c, fate); noted = fate == applied; fate = applied
  }
}

proctype Runs(byte me) {
  short keys, newer, older, doomed, mine;
  byte hand, seen_p, seen_c, base, newest, pend, tries, x, k, count, runs;
  bit proven, believed, urgent, due, elapsed, clean, stalled, adopted, spread, stored, noted, undo, written, begun, sent[2], sure[2];
  mtype fate = applied, goal;
begin:
  atomic {
    keys = 0; newer = 0; older = 0; mine = 0; seen_p = 0; seen_c = 0; base = 0; newest = 0; pend = 0; tries = 0;
    proven = 0; believed = 0; urgent = 0; stalled = 0; adopted = 0; spread = 0; stored = 0; noted = 0; undo = 0; written = 0; begun = 0;
    sent[0] = 0; sent[1] = 0; sure[0] = 0; sure[1] = 0; goal = nothing;
#ifdef TWO                              /* RUNS each; then the first runs once more, alone, and all is well: S5 */
    if
    :: runs < RUNS -> runs++
    :: runs == RUNS && me == 1 && over[2] -> faults = 0; runs++
    :: runs > RUNS || (runs == RUNS && me == 2) -> goto done
    fi;
    clean = runs > RUNS;
#else                                   /* from any run on all may be well: S5 */
    renumber();
    if :: faults = 0 :: true fi;
    clean = faults == 0;
#endif
    hand = dest[0];
    if :: due = 1 :: due = 0 fi;                            /* no sooner than an overlap has passed */
    if :: elapsed = due || !on(OVERLAP) :: elapsed = 1 fi;
    if                                  /* somebody deletes the note; or the run was queued with an older value */
    :: true
    or_fault(note_p = 0; note_c = 0; ours = 0; claim = 0; bad = 0)
    or_fault(hand = 1; do :: hand + 1 < dest[0] -> hand++ :: break od)
    fi;
    if :: on(EXPOSED) && exposed == 0 && alive(hand) -> exposed = hand :: true fi;
    if :: alive(exposed) -> urgent = 1 :: true fi;
    printf("run %d begins with key %d\n", me, hand)
  }
  atomic {                                                  /* 0 preflight */
    look(); moved[2 * me - 2] = 0; moved[2 * me - 1] = 0;
    when((goal == nothing || garbled || (lock != 0 && !breakable)), goto leave)
  }
#ifndef WRONG_5
  if                                                        /* GitHub cannot compare and swap: read, delete, create */
  :: atomic { on(WRONG_9) && breakable -> printf("run %d finds a stale lock\n", me) }; atomic { lock = 0; lapsed = 0 }
  :: !on(WRONG_9) || !breakable
  fi;
  hazard();
  atomic {                                                  /* 1 lock, and look again: only this look is decided upon */
    choose_fate();
    when((took && (lock == 0 || (breakable && !on(WRONG_9)))), lock = me; lapsed = 0);
    printf("run %d locks: %e\n", me, fate); fate = applied
  }
  hazard();
  atomic {
    when((lock != me), goto leave);
    look(); when(!on(WRONG_8), moved[2 * me - 2] = 0; moved[2 * me - 1] = 0);
    when((goal == nothing || garbled), goto leave)
  }
#endif
  when((goal == sweep), last_look(); revoke_all(older); goto leave);
  when(on(WRONG_2), revoke_all(newer));
  when((REVOKE_WHEN == immediately && urgent && (keys & only(exposed))), revoke(exposed));
  when(adopted, pend = hand; goto distribute);
issue:                                  /* 2: never repeated blindly (S3); a lost key is found by its name */
  hazard();
  atomic {
    when((tries == 3 || !can_issue), goto give_up);
    tries++; choose_fate(); printf("run %d issues key %d: %e\n", me, fresh, fate);
    the_model_is_wide_enough = fresh <= N; assert(the_model_is_wide_enough);
    when(took, live = live | only(fresh); mine = mine | only(fresh); pend = fresh; fresh++; hold_s6());
    if
    :: fate == applied -> goto distribute
    :: fate == refused -> fate = applied; goto give_up
    :: fate == reply_lost || fate == request_lost -> fate = applied; pend = 0
    fi
  }
  hazard(); keys = live; goto issue;
distribute:                                                 /* 3 verify */
  hazard();
  if :: alive(pend) :: !alive(pend) -> goto give_up or_fault(goto give_up) fi;
  when(on(WRONG_1), revoke_all(keys & below(pend)));
  written = adopted || (urgent && (bad || !proven));          /* 4: the pending note and the first put go out together, in either order */
  do :: !written -> write_note(pend, seen_c); written = 1 :: !begun -> put(0); begun = 1 :: else -> break od;
  when((REVOKE_WHEN == primary && urgent && stored && (keys & only(exposed))), revoke(exposed));
  put(1); confirm(0);                                       /* 5 */
  when((REVOKE_WHEN == primary && urgent && !stored && sure[0] && (keys & only(exposed))), revoke(exposed));
  confirm(1);
  when((!sure[0] || !sure[1]), goto give_up);
  write_note(0, pend);                                      /* 6 */
  if :: on(OVERLAP) -> goto leave :: noted || !on(OVERLAP) fi;  /* 7: left to a later run, or waited out */
#ifndef WRONG_5
  hazard();                                                 /* the fence: is the lock still ours, after all that? */
  if :: lock == me :: lock != me -> goto leave or_fault(goto leave) fi;
#endif
  last_look();
  revoke_all(keys & below(pend));                           /* 9: every older key, and no other (R2) */
  goto leave;
give_up:                                /* only what this very run issued and put nowhere is an orphan */
  when(!spread, undo = 1; revoke_all(mine));
leave:                                                      /* 11 release */
  hazard();
  atomic {
    choose_fate(); when((took && lock == me), lock = 0; lapsed = 0); fate = applied;
    S10_nobody_keeps_an_exposed_key_alive = !clean || !urgent || on(OVERLAP) || !alive(exposed);
    assert(S10_nobody_keeps_an_exposed_key_alive);
    S5_a_clean_run_comes_to_rest = !clean || (bad && !urgent) || (dest[0] == dest[1] && alive(dest[0]) && (live == only(dest[0]) ||
        (on(OVERLAP) && note_c == dest[0] && live < 2 * only(dest[0]) && (pend || !elapsed))));
    assert(S5_a_clean_run_comes_to_rest)
  }
dead: atomic { when((lock == me), lock = ended_run; lapsed = 0); goto begin }
done: over[me] = 1
}

init { atomic { note_c = !on(NO_NOTE); ours = !on(NO_NOTE); seal_c = ours; run Runs(1); if :: on(TWO) -> run Runs(2) :: else fi } }
