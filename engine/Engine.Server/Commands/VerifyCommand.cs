using System.CommandLine;
using Engine.Reranking;
using Engine.Scoring.Checking;
using Engine.Scoring.Models;
using Engine.Snapshots;

namespace Engine.Server.Commands;

/// <summary>verify: reads every byte of a snapshot and asks its known answers; exit code 1 with the reason.</summary>
internal static class VerifyCommand
{
    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var path = SnapshotPath.Argument();
        var json = JsonOutput.Option();
        var command = new Command(
            "verify",
            "Check every byte of a snapshot (checksums, padding, offsets, ids, numbers), and ask the questions whose "
            + "answers it holds.")
        {
            path,
            json,
        };
        command.SetAction(parsed =>
        {
            var snapshot = Snapshot.OpenVerified(SnapshotPath.Resolve(parsed.GetRequiredValue(path)));
            using var model = new ScoringModel(snapshot, OnnxReranker.Open);
            var (agreed, rounded, skipped) = KnownAnswerCheck.Run(model);
            var (id, sections, bytes) = (snapshot.Id, snapshot.Sections.Count, snapshot.FileLength);
            Console.WriteLine(parsed.GetValue(json)
                ? JsonText.Of(new
                {
                    SnapshotId = id,
                    snapshot.Path,
                    Sections = sections,
                    Bytes = bytes,
                    KnownAnswers = new { Agreed = agreed, Rounded = rounded, Skipped = skipped },
                })
                : $"{snapshot.Path} is valid: snapshot {id}, {sections} sections, {bytes} bytes; "
                    + TextOf(agreed, rounded, skipped));
        });
        return command;
    }

    private static string TextOf(int agreed, int rounded, int skipped) =>
        agreed + skipped == 0 ? "it holds no known answers"
        : $"{agreed} known answers agree"
            + (rounded == 0 ? ", bit for bit" : $", {rounded} of them within rounding")
            + (skipped == 0 ? "" : $"; {skipped} are not about this file");
}
