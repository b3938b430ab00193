namespace Engine.Snapshots.Mapping;

/// <summary>
/// Where rows start, in mapped memory: 32-bit numbers where they suffice, otherwise 64-bit ones. Valid while its
/// snapshot is leased.
/// </summary>
internal readonly struct MappedOffsets
{
    private readonly MappedArray<int> _short;
    private readonly MappedArray<long> _long;

    /// <summary>Of 32 bits each.</summary>
    public MappedOffsets(MappedArray<int> offsets) => _short = offsets;

    /// <summary>Of 64 bits each.</summary>
    public MappedOffsets(MappedArray<long> offsets) => _long = offsets;

    /// <summary>Rows and one.</summary>
    public long Length => _short.Length + _long.Length;

    /// <summary>Where row <paramref name="row"/> starts.</summary>
    public long this[long row] => _long.Length > 0 ? _long[row] : _short[row];
}
