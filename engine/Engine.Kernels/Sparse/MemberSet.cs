using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Engine.Kernels.Memory;

namespace Engine.Kernels.Sparse;

/// <summary>
/// A small set of numbers that is looked for in long lists: a bit for every number, so that those of a hundred thousand
/// stay in the first-level cache. Scratch of one thread.
/// </summary>
public sealed unsafe class MemberSet
{
    // The processor finds the rest of a long list by itself.
    private const int MostAsked = 512;
    private const int LineInts = 16;

    private readonly PinnedBuffer<ulong> _bits;
    private readonly int _universe;

    /// <param name="universe">Numbers are 0 .. universe - 1.</param>
    public MemberSet(int universe)
    {
        _universe = universe;
        _bits = new PinnedBuffer<ulong>((universe + 63) / 64);
    }

    /// <summary>Takes a number in.</summary>
    public void Add(int number) => _bits.Span[number / 64] |= 1UL << (number % 64);

    /// <summary>Puts a number out.</summary>
    public void Remove(int number) => _bits.Span[number / 64] &= ~(1UL << (number % 64));

    /// <summary>Where members stand in a list.</summary>
    /// <param name="numbers">Ascending, within the universe.</param>
    /// <param name="places">Receives their places, ascending; as long as the list.</param>
    /// <returns>How many there are.</returns>
    /// <exception cref="ArgumentException">A number outside the universe, or too little room.</exception>
    public int Find(ReadOnlySpan<int> numbers, Span<int> places)
    {
        if (numbers.IsEmpty)
        {
            return 0;
        }

        if (places.Length < numbers.Length || numbers[0] < 0 || numbers[^1] >= _universe)
        {
            throw new ArgumentException(
                InvariantText.Of(
                    $"found {numbers.Length} numbers from {numbers[0]} to {numbers[^1]}, room for {places.Length}: "
                    + $"expected ascending ones of 0..{_universe - 1} and as much room"));
        }

        fixed (int* list = numbers, found = places)
        {
            return Find(_bits.Pointer, list, numbers.Length, found);
        }
    }

    /// <summary>Asks for the beginning of a list that will be looked through soon; nothing of it is read.</summary>
    public static void Announce(ReadOnlySpan<int> list)
    {
        if (Sse.IsSupported)
        {
            var first = (int*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(list));
            for (var number = 0; number < Math.Min(list.Length, MostAsked); number += LineInts)
            {
                Sse.Prefetch0(first + number);
            }
        }
    }

    // Few are members, so there is no branch to be guessed wrong.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Find(ulong* bits, int* list, int length, int* found)
    {
        var count = 0;
        for (var e = 0; e < length; e++)
        {
            var number = list[e];
            found[count] = e;
            count += (int)(bits[number >>> 6] >> number) & 1;
        }

        return count;
    }
}
