using System.Text;
using System.Text.Unicode;
using Engine;
using Engine.Tables.Csv;

namespace Trainer.Data.Reading;

/// <summary>
/// Refuses a table whose mapping names another encoding than its names have: UTF-8 read as windows-1252 or GB 18030 is
/// text, too, but no word. Bytes that are not UTF-8 hardly ever look like it.
/// </summary>
/// <param name="name">The encoding of the mapping; null for UTF-8.</param>
internal sealed class EncodingCheck(string? name)
{
    private const int FewBytes = 6;

    private readonly Encoding? _encoding = name is null ? null : TextEncodings.Find(name);
    private long _bytes;
    private bool _isOther;
    private string _first = "";

    /// <summary>Looks at a text that was read.</summary>
    public void Add(ReadOnlySpan<char> text)
    {
        if (_encoding is null || _isOther || Ascii.IsValid(text))
        {
            return;
        }

        var bytes = new byte[_encoding.GetByteCount(text)];
        _encoding.GetBytes(text, bytes);
        _isOther = !Utf8.IsValid(bytes) || Ascii.IsValid(bytes);
        _bytes += bytes.Count(one => one >= 0x80);
        _first = _first.Length == 0 ? text.ToString() : _first;
    }

    /// <summary>Ends the reading when all texts are UTF-8 in another encoding.</summary>
    /// <exception cref="InputException">They are.</exception>
    public void Refuse(string file)
    {
        if (!_isOther && _bytes >= FewBytes && _encoding!.CodePage != Encoding.UTF8.CodePage)
        {
            var right = Encoding.UTF8.GetString(_encoding.GetBytes(_first));
            throw new InputException(
                $"{file}: found UTF-8; expected {name}, as product.encoding says: '{right}' was read as '{_first}'. "
                + "Take 'encoding' out of the mapping.");
        }
    }
}
