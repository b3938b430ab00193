using System.Collections;
using System.Text;

namespace Engine.Server.Catalog;

/// <summary>
/// Ids in one block of UTF-8 with four more bytes each, a fourth of what as many strings take: saved lists stay in
/// memory. Each id that is asked for is a new string.
/// </summary>
internal sealed class PackedIds : IReadOnlyList<string>
{
    private readonly byte[] _text;
    private readonly int[] _ends;

    private PackedIds(IReadOnlyList<string> ids, int bytes)
    {
        (_text, _ends) = (new byte[bytes], new int[ids.Count]);
        for (var (i, end) = (0, 0); i < ids.Count; i++)
        {
            end += Encoding.UTF8.GetBytes(ids[i], _text.AsSpan(end));
            _ends[i] = end;
        }
    }

    /// <inheritdoc/>
    public int Count => _ends.Length;

    /// <inheritdoc/>
    public string this[int index] =>
        Encoding.UTF8.GetString(_text.AsSpan((index == 0 ? 0 : _ends[index - 1]).._ends[index]));

    /// <summary>The same ids; the list itself when it is longer than a block can be.</summary>
    public static IReadOnlyList<string> Of(IReadOnlyList<string> ids) =>
        ids.Sum(id => (long)Encoding.UTF8.GetByteCount(id)) is var bytes && bytes <= Array.MaxLength
            ? new PackedIds(ids, (int)bytes)
            : ids;

    /// <inheritdoc/>
    public IEnumerator<string> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
        {
            yield return this[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
