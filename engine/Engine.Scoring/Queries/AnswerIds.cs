using System.Text;
using Engine.Snapshots.Ids;

namespace Engine.Scoring.Queries;

/// <summary>
/// The ids of an answer's rows, copied while the snapshot was leased: they stay valid when it is swapped. Reused with
/// its answer; after warm-up filling it allocates nothing. Only the in-process engine fills it.
/// </summary>
public sealed class AnswerIds
{
    private byte[] _bytes = [];
    private int[] _ends = [];

    /// <summary>Rows that have an id.</summary>
    public int Count { get; private set; }

    /// <summary>The id of row number <paramref name="index"/>; a new string each time.</summary>
    public string this[int index] => Encoding.UTF8.GetString(Utf8(index));

    /// <summary>
    /// The id of row number <paramref name="index"/>, UTF-8, without allocation; valid until the next answer.
    /// </summary>
    public ReadOnlySpan<byte> Utf8(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count);
        var start = index == 0 ? 0 : _ends[index - 1];
        return _bytes.AsSpan(start, _ends[index] - start);
    }

    internal void Clear() => Count = 0;

    internal void Add(IdTable ids, int ordinal) => Add(ids.Utf8(ordinal));

    internal void Add(ReadOnlySpan<byte> id)
    {
        var start = Count == 0 ? 0 : _ends[Count - 1];
        if (Count == _ends.Length)
        {
            Array.Resize(ref _ends, Math.Max(16, 2 * Count));
        }

        if (start + id.Length > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(start + id.Length, 2 * _bytes.Length));
        }

        id.CopyTo(_bytes.AsSpan(start));
        _ends[Count++] = start + id.Length;
    }
}
