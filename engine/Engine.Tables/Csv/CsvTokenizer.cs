using System.Globalization;
using Engine.Tables.Rows;

namespace Engine.Tables.Csv;

/// <summary>
/// Cuts CSV text (RFC 4180: commas or another separator, double quotes, quotes doubled inside quotes, newlines allowed
/// inside quotes; LF or CRLF, or CR alone in a text that has no LF) into records of cells, in one growing buffer and
/// without a string per cell. Blank lines are no records.
/// </summary>
/// <remarks>
/// A broken quote costs one line, not the file: the line where the quoted record began is returned with
/// <see cref="RowFault.BrokenQuotes"/> and reading goes on with the line after it.
/// </remarks>
internal sealed class CsvTokenizer(TextReader text, int bufferSize = CsvTokenizer.DefaultBuffer, char separator = ',')
{
    /// <summary>
    /// A record of more characters than this is taken for one with an unclosed quote, or refused when it has none.
    /// </summary>
    public const int MaxRecord = 1 << 22;

    private const int DefaultBuffer = 1 << 16;
    private const int PlainSteps = 5;
    private const int LongestHeader = 1 << 14;

    private char[] _buffer = new char[bufferSize];
    private int _end;
    private int _next;
    private bool _ended;
    private (int Start, int Length)[] _cells = new (int, int)[16];
    private char[] _unquoted = new char[256];
    private int _unquotedLength;
    private long _nextLine = 1;
    private int _recordStart;
    private int _recordEnd;
    private bool _lineEndsKnown;
    private bool _carriageReturns;

    /// <summary>What stands between two cells; it may change between two records.</summary>
    public char Separator { get; set; } = separator;

    /// <summary>The line, 1-based, on which the current record begins.</summary>
    public long Line { get; private set; }

    /// <summary>How many cells the current record has.</summary>
    public int Count { get; private set; }

    /// <summary>Whether the current record could be cut.</summary>
    public RowFault Fault { get; private set; }

    /// <summary>The current record as it stands in the file, without its line end.</summary>
    public ReadOnlySpan<char> Record => _buffer.AsSpan(_recordStart, _recordEnd - _recordStart).TrimEnd("\r\n");

    /// <summary>One cell of the current record, unquoted; valid until the next <see cref="Read"/>.</summary>
    public ReadOnlySpan<char> Cell(int index)
    {
        var (start, length) = _cells[index];
        return start >= 0 ? _buffer.AsSpan(start, length) : _unquoted.AsSpan(~start, length);
    }

    /// <summary>Steps to the next record that is not a blank line. Returns false at the end.</summary>
    public bool Read()
    {
        while (true)
        {
            Outcome outcome;
            while ((outcome = Cut()) == Outcome.NeedsMore && Fill())
            {
            }

            if (outcome == Outcome.NeedsMore)
            {
                outcome = _next == _end ? Outcome.End : Outcome.Broken;
            }

            switch (outcome)
            {
                case Outcome.End:
                    return false;
                case Outcome.Broken:
                    GiveUpLine();
                    return true;
                case Outcome.Record when Count > 1 || _cells[0].Length > 0 || _buffer[_recordStart] == '"':
                    return true;
            }
        }
    }

    private Outcome Cut()
    {
        var buffer = _buffer;
        var separator = Separator;
        var at = _next;
        var lines = 0L;
        Count = 0;
        _unquotedLength = 0;
        if (at == _end)
        {
            return Outcome.NeedsMore;
        }

        while (true)
        {
            int stop;
            if (at < _end && buffer[at] == '"')
            {
                var (outcome, after) = CutQuoted(at, ref lines);
                if (outcome != Outcome.Record)
                {
                    return outcome;
                }

                stop = after;
            }
            else
            {
                var length = FindSeparator(buffer.AsSpan(at, _end - at), separator);
                if (length < 0 && !_ended)
                {
                    return Outcome.NeedsMore;
                }

                stop = length < 0 ? _end : at + length;
                var cut = stop > at && buffer[stop - 1] == '\r' && (stop == _end || buffer[stop] == '\n') ? 1 : 0;
                AddCell(at, stop - at - cut);
            }

            if (stop < _end && buffer[stop] == separator)
            {
                at = stop + 1;
                continue;
            }

            Finish(Math.Min(stop + 1, _end), lines + (stop < _end ? 1 : 0));
            return Outcome.Record;
        }
    }

    /// <summary>
    /// The first separator or line feed, or -1. Most cells are short: a few plain steps cost less than starting a
    /// vector search.
    /// </summary>
    private static int FindSeparator(ReadOnlySpan<char> text, char separator)
    {
        var near = Math.Min(text.Length, PlainSteps);
        for (var i = 0; i < near; i++)
        {
            if (text[i] == separator || text[i] == '\n')
            {
                return i;
            }
        }

        var rest = text[near..].IndexOfAny(separator, '\n');
        return rest < 0 ? -1 : near + rest;
    }

    /// <summary>Cuts the quoted cell that starts at <paramref name="open"/>.</summary>
    /// <returns>The outcome and where the separator, the line feed or the end stands that follows the cell.</returns>
    private (Outcome Outcome, int After) CutQuoted(int open, ref long lines)
    {
        var from = open + 1;
        var doubled = false;
        while (true)
        {
            var length = _buffer.AsSpan(from, _end - from).IndexOf('"');
            if (length < 0 || (from + length + 1 == _end && !_ended))
            {
                return (_end - open > MaxRecord ? Outcome.Broken : Outcome.NeedsMore, 0);
            }

            from += length + 1;
            if (from < _end && _buffer[from] == '"')
            {
                doubled = true;
                from++;
                continue;
            }

            var inside = _buffer.AsSpan(open + 1, from - open - 2);
            lines += inside.Count('\n');
            if (doubled)
            {
                AddUnquoted(inside);
            }
            else
            {
                AddCell(open + 1, inside.Length);
            }

            if (from + 1 >= _end && !_ended)
            {
                return (Outcome.NeedsMore, 0);
            }

            var after = from + 1 < _end && _buffer[from] == '\r' && _buffer[from + 1] == '\n' ? from + 1 : from;
            var closed = after >= _end || _buffer[after] == Separator || _buffer[after] == '\n';
            return (closed ? Outcome.Record : Outcome.Broken, after);
        }
    }

    private void AddCell(int start, int length)
    {
        if (Count == _cells.Length)
        {
            Array.Resize(ref _cells, Count * 2);
        }

        _cells[Count++] = (start, length);
    }

    private void AddUnquoted(ReadOnlySpan<char> inside)
    {
        var start = _unquotedLength;
        if (start + inside.Length > _unquoted.Length)
        {
            Array.Resize(ref _unquoted, Math.Max(start + inside.Length, _unquoted.Length * 2));
        }

        for (var i = 0; i < inside.Length; i++)
        {
            _unquoted[_unquotedLength++] = inside[i];
            i += inside[i] == '"' ? 1 : 0;
        }

        AddCell(~start, _unquotedLength - start);
    }

    private void Finish(int next, long lines)
    {
        (_recordStart, _recordEnd, _next) = (_next, next, next);
        Line = _nextLine;
        _nextLine += lines;
        Fault = RowFault.None;
    }

    private void GiveUpLine()
    {
        int length;
        while ((length = _buffer.AsSpan(_next, _end - _next).IndexOf('\n')) < 0 && Fill())
        {
        }

        Finish(length < 0 ? _end : _next + length + 1, 1);
        Count = 0;
        Fault = RowFault.BrokenQuotes;
    }

    /// <summary>
    /// Moves the unread rest to the front, makes room and reads on. Returns false when the text has ended.
    /// </summary>
    private bool Fill()
    {
        if (_ended)
        {
            return false;
        }

        var rest = _end - _next;
        if (rest > 2 * MaxRecord)
        {
            throw new TableException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"line {_nextLine} is longer than {MaxRecord} characters: is this a CSV file with line ends?"));
        }

        var target = rest > _buffer.Length / 2 ? new char[_buffer.Length * 2] : _buffer;
        _buffer.AsSpan(_next, rest).CopyTo(target);
        (_buffer, _next, _end) = (target, 0, rest);
        var read = text.Read(target, rest, target.Length - rest);
        _end += read;
        _ended = read == 0;
        if (!_lineEndsKnown)
        {
            FindLineEnds();
        }
        else if (_carriageReturns)
        {
            target.AsSpan(rest, read).Replace('\r', '\n');
        }

        return true;
    }

    /// <summary>
    /// Old Mac files end lines with CR alone: such a text begins with no LF where a header has long ended.
    /// </summary>
    private void FindLineEnds()
    {
        var seen = _buffer.AsSpan(_next, _end - _next);
        _carriageReturns = (_ended || seen.Length >= LongestHeader) && !seen.Contains('\n')
            && seen.TrimEnd('\r').Contains('\r');
        _lineEndsKnown = _carriageReturns || seen.Contains('\n');
        if (_carriageReturns)
        {
            seen.Replace('\r', '\n');
        }
    }

    private enum Outcome
    {
        Record,
        NeedsMore,
        Broken,
        End,
    }
}
