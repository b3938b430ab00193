using System.Text;

namespace Engine.Snapshots.Mapping;

/// <summary>
/// Texts by number in mapped memory: UTF-8 bytes and where each text starts. Valid while its snapshot is leased.
/// </summary>
public readonly struct StringTable
{
    private readonly MappedArray<byte> _bytes;
    private readonly MappedOffsets _offsets;

    internal StringTable(MappedArray<byte> bytes, MappedOffsets offsets)
    {
        _bytes = bytes;
        _offsets = offsets;
    }

    /// <summary>Texts.</summary>
    public int Count => (int)(_offsets.Length - 1);

    /// <summary>Text <paramref name="index"/> as UTF-8.</summary>
    public ReadOnlySpan<byte> Utf8(int index) => _bytes.Slice(_offsets[index], _offsets[index + 1L] - _offsets[index]);

    /// <summary>Text <paramref name="index"/>.</summary>
    public string Get(int index) => Encoding.UTF8.GetString(Utf8(index));

    /// <summary>Says what is wrong with the table, or null.</summary>
    internal string? FindProblem() => Offsets.FindProblem(_offsets, _bytes.Length);
}
