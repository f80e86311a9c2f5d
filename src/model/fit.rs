//! Narrowing of counts.

use std::fmt::Debug;

/// Narrows a count that is known to fit. One that does not fit is a bug: debug builds panic, release builds
/// go on with zero.
pub(crate) fn fit<T: TryFrom<U> + Default, U: Copy + Debug>(count: U) -> T {
    let fitted = T::try_from(count);
    debug_assert!(fitted.is_ok(), "{count:?} does not fit");
    fitted.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_that_fit_stay_the_same() {
        assert_eq!((fit::<u16, _>(65_535_usize), fit::<u32, _>(7_u64)), (65_535, 7));
    }

    #[test]
    #[cfg(debug_assertions)]
    #[should_panic(expected = "65536 does not fit")]
    fn a_count_that_does_not_fit_is_a_bug() {
        fit::<u16, _>(65_536_usize);
    }
}
