using System.Globalization;
using Engine.Snapshots;

namespace Trainer.Pipeline.Tuning;

/// <summary>
/// TUNING.journal in a workspace's folder: every finished trial, so that an interrupted search resumes. One line per
/// trial, value and name separated by a tab; the first line names the data and the settings that trials depend on. A
/// journal with another first line is discarded.
/// </summary>
public sealed class TuningJournal
{
    private readonly string _path;
    private readonly Dictionary<string, double> _done = [];

    /// <summary>Opens the journal of a workspace.</summary>
    /// <param name="directory">The workspace.</param>
    /// <param name="question">Everything but the point that a trial depends on. One line.</param>
    public TuningJournal(SnapshotDirectory directory, string question)
    {
        Directory.CreateDirectory(directory.Path);
        _path = Path.Combine(directory.Path, "TUNING.journal");
        var lines = File.Exists(_path) ? File.ReadAllLines(_path) : [];
        if (lines.FirstOrDefault() != question)
        {
            File.WriteAllText(_path, question + "\n");
            return;
        }

        foreach (var line in lines.Skip(1))
        {
            // A truncated line has no value or no end: its trial runs again.
            if (line.Split('\t') is [var value, var name, "done"]
                && double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            {
                _done[name] = number;
            }
        }
    }

    /// <summary>Finished trials.</summary>
    public int Count => _done.Count;

    /// <summary>The value of a trial, if it is finished.</summary>
    public bool TryGet(string name, out double value) => _done.TryGetValue(name, out value);

    /// <summary>Appends a finished trial.</summary>
    public void Add(string name, double value)
    {
        using (var stream = new FileStream(_path, FileMode.Append, FileAccess.Write))
        {
            stream.Write(
                System.Text.Encoding.UTF8.GetBytes(
                    string.Create(CultureInfo.InvariantCulture, $"{value:R}\t{name}\tdone\n")));
            stream.Flush(flushToDisk: true);
        }

        _done[name] = value;
    }

    /// <summary>Deletes the journal: the model is published.</summary>
    public void Delete() => File.Delete(_path);
}
