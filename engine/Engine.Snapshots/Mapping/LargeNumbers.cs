namespace Engine.Snapshots.Mapping;

/// <summary>
/// The numbers that do not fit the records of a section, in mapped memory. Valid while its snapshot is leased.
/// </summary>
/// <param name="places">Their records, ascending.</param>
/// <param name="numbers">The numbers.</param>
internal readonly struct LargeNumbers<T>(MappedArray<long> places, MappedArray<T> numbers)
    where T : unmanaged
{
    private readonly MappedArray<long> _places = places;
    private readonly MappedArray<T> _numbers = numbers;

    /// <summary>How many.</summary>
    public long Count => _places.Length;

    /// <summary>The record of a number.</summary>
    public long Place(long index) => _places[index];

    /// <summary>The number of a record that has one.</summary>
    public T Of(long place)
    {
        var (low, high) = (0L, _places.Length - 1);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            (low, high) = _places[middle] < place ? (middle + 1, high) : (low, middle);
        }

        return _numbers[low];
    }
}
