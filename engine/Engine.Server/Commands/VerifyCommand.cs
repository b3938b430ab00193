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
            var answers = KnownAnswerCheck.Run(model);
            var (id, sections, bytes) = (snapshot.Id, snapshot.Sections.Count, snapshot.FileLength);
            Console.WriteLine(parsed.GetValue(json)
                ? JsonText.Of(new
                {
                    SnapshotId = id,
                    snapshot.Path,
                    Sections = sections,
                    Bytes = bytes,
                    KnownAnswers = answers,
                })
                : $"{snapshot.Path} is valid: snapshot {id}, {sections} sections, {bytes} bytes; "
                    + TextOf(answers));
        });
        return command;
    }

    /// <summary>How the known answers came out, in words.</summary>
    internal static string TextOf(KnownAnswerResult answers) =>
        answers == default ? "it holds no known answers"
        : $"{answers.Agreed} known answers agree"
            + (answers.Rounded == 0 ? ", bit for bit" : $", {answers.Rounded} of them within rounding")
            + (answers.Skipped == 0 ? "" : $"; {answers.Skipped} are not about this file")
            + (answers.OtherArithmetic == 0
                ? ""
                : $"; {answers.OtherArithmetic} about baskets are not compared: "
                    + "the release that wrote them rounds otherwise");
}
