//! Sorting algorithms, and numbers to sort.

/// So many numbers in an order that looks like none, and follows from `seed`.
#[must_use]
pub fn shuffled(count: usize, seed: u64) -> Vec<u64> {
    // A linear congruential generator with Knuth's constants for MMIX; its low bits are not used.
    let next = |state: &u64| {
        Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407))
    };
    let states = std::iter::successors(Some(seed), next);
    states.skip(1).take(count).map(|state| state >> 32).collect()
}

/// Sorts by merging sorted halves.
pub fn by_merging(numbers: &mut [u64]) {
    merge_halves(numbers, &mut vec![0; numbers.len()]);
}

fn merge_halves(numbers: &mut [u64], room: &mut [u64]) {
    if numbers.len() < 2 {
        return;
    }
    let middle = numbers.len() / 2;
    let (left, right) = numbers.split_at_mut(middle);
    merge_halves(left, &mut room[..middle]);
    merge_halves(right, &mut room[middle..]);
    let (mut from_left, mut from_right) = (left.iter().peekable(), right.iter().peekable());
    for slot in room.iter_mut() {
        let takes_left = match (from_left.peek(), from_right.peek()) {
            (Some(first), Some(second)) => first <= second,
            (first, _) => first.is_some(),
        };
        let taken = if takes_left { from_left.next() } else { from_right.next() };
        *slot = *taken.expect("there is room for as many as both halves have");
    }
    numbers.copy_from_slice(room);
}

/// Sorts by taking the largest from a heap, again and again.
pub fn by_heap(numbers: &mut [u64]) {
    for root in (0..numbers.len() / 2).rev() {
        sift_down(numbers, root);
    }
    for end in (1..numbers.len()).rev() {
        numbers.swap(0, end);
        sift_down(&mut numbers[..end], 0);
    }
}

fn sift_down(heap: &mut [u64], mut root: usize) {
    while let Some(left) = heap.get(2 * root + 1) {
        let right_is_larger = heap.get(2 * root + 2).is_some_and(|right| right > left);
        let larger = 2 * root + 1 + usize::from(right_is_larger);
        if heap[root] >= heap[larger] {
            return;
        }
        heap.swap(root, larger);
        root = larger;
    }
}

/// Sorts by putting each number where it belongs among those before it: in time n².
pub fn by_insertion(numbers: &mut [u64]) {
    for end in 1..numbers.len() {
        let mut at = end;
        while at > 0 && numbers[at - 1] > numbers[at] {
            numbers.swap(at - 1, at);
            at -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_sort_alike() {
        for count in [0, 1, 2, 3, 7, 64, 1000] {
            let mut wanted = shuffled(count, 1);
            wanted.sort_unstable();
            for sort in [by_merging, by_heap, by_insertion] {
                let mut numbers = shuffled(count, 1);
                sort(&mut numbers);
                assert_eq!(numbers, wanted, "{count}");
            }
        }
    }
}
