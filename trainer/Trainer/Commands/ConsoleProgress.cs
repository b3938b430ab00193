using System.Globalization;
using Spectre.Console;
using Trainer.Data.Progress;
using Trainer.Data.Running;

namespace Trainer.Commands;

/// <summary>
/// Progress on the console's error stream, so that standard output stays for results: bars with an estimate of the time
/// left on an interactive terminal, elsewhere plain lines: every two seconds of a stage, and at its end.
/// </summary>
public static class ConsoleProgress
{
    /// <summary>Runs work with a context that reports its progress on the console.</summary>
    public static T Run<T>(RunContext context, Func<RunContext, T> work) =>
        Run(context.Time, progress => work(context with { Progress = progress }));

    /// <summary>Runs work with a reporter that exists as long as it runs.</summary>
    public static T Run<T>(TimeProvider time, Func<IProgressReporter, T> work)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        if (!console.Profile.Capabilities.Interactive || Console.IsErrorRedirected)
        {
            return work(new Lines(time, Console.Error));
        }

        return console.Progress()
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn(),
                new PercentageColumn(),
                new RemainingTimeColumn(),
                new ElapsedTimeColumn())
            .Start(context => work(new Bars(context)));
    }

    private sealed class Bars(ProgressContext context) : IProgressReporter
    {
        private readonly Dictionary<string, ProgressTask> _tasks = [];

        public void Report(string stage, double done, double total)
        {
            if (!_tasks.TryGetValue(stage, out var task) || (task.IsFinished && done < total))
            {
                task = _tasks[stage] = context.AddTask(Markup.Escape(stage));
            }

            task.MaxValue = total;
            task.Value = done;
        }
    }

    /// <summary>Plain lines, for logs and pipes.</summary>
    internal sealed class Lines(TimeProvider time, TextWriter output) : IProgressReporter
    {
        private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

        private string? _stage;
        private long _started;
        private long _said;
        private bool _ended;

        public void Report(string stage, double done, double total)
        {
            var now = time.GetTimestamp();
            if (stage != _stage || (_ended && done < total))
            {
                (_stage, _started, _said, _ended) = (stage, now, now, false);
            }

            var elapsed = time.GetElapsedTime(_started, now);
            if (done >= total && !_ended)
            {
                _ended = true;
                output.WriteLine(
                    string.Create(CultureInfo.InvariantCulture, $"{stage}: done in {elapsed.TotalSeconds:F1} s"));
            }
            else if (!_ended && time.GetElapsedTime(_said, now) >= Pause)
            {
                _said = now;
                var left = done > 0 ? elapsed.TotalSeconds * (total - done) / done : double.NaN;
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{stage}: {100 * done / total:F0} %, about {left:F0} s left"));
            }
        }
    }
}
