using Engine.Server.Configuration;
using Engine.Server.Errors;
using Engine.Server.Results;
using Engine.Tables.Rows;
using Engine.Tables.Sql;

namespace Engine.Server.Tasks;

/// <summary>The databases that tasks write their results into: the source files of one folder, by name.</summary>
internal sealed class TaskTables(ServerOptions options)
{
    /// <summary>Checks whether a table accepts the results of a task, before the task runs.</summary>
    /// <exception cref="DeniedException">--writable-tables does not name the table.</exception>
    /// <exception cref="NotFoundException">There is no source of that name.</exception>
    /// <exception cref="InputException">The table does not accept them; the message says why.</exception>
    public void Check(TaskTable target, string task, bool ranked) => Guard(() =>
    {
        CheckAllowed(target);
        using var source = Open(target.Source);
        new ResultTable(source, target.Table, task).Check(ranked);
        return 0;
    });

    /// <summary>Replaces the task's rows in the table by those of its result, all at once.</summary>
    /// <returns>The rows in the table, counted after publishing.</returns>
    /// <exception cref="InputException">Nothing was published; the message says why.</exception>
    public long Publish(
        TaskTable target,
        string task,
        string file,
        Action<long> progress,
        CancellationToken cancellation) => Guard(() =>
    {
        // Again: a task may have been created under other settings.
        CheckAllowed(target);
        using var source = Open(target.Source);
        return new ResultTable(source, target.Table, task).Publish(
            file, new SqlWriteOptions { Cancel = cancellation }, progress);
    });

    // A source file may open a whole database, with tables that are no results.
    private void CheckAllowed(TaskTable target)
    {
        var name = $"{target.Source}/{target.Table}";
        if (options.Sources.Length > 0 && !options.Access.WritableTables.Contains(name, StringComparer.Ordinal))
        {
            throw new DeniedException(
                $"tasks may not write into '{name}'. Start the engine with --writable-tables {name}, "
                + "or download the result and write it with `engine publish`");
        }
    }

    private SqlSource Open(string name)
    {
        if (options.Sources.Length == 0)
        {
            throw new FieldException(
                "table.source",
                "this engine was started without --sources. Restart it with a folder of source files, "
                + "or download the result and write it with `engine publish`");
        }

        // A name, never a path: the file must lie in the folder itself.
        var path = Path.Combine(options.Sources, name + ".json");
        return name.Length > 0 && Path.GetFileName(name) == name && File.Exists(path)
            ? new SqlSource(DataSourceFile.Read(path))
            : throw new NotFoundException(
                $"source '{name}' does not exist. Add {name}.json to the folder of --sources, or name another one");
    }

    private static T Guard<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (TableException e)
        {
            throw new InputException(e.Message, e);
        }
    }
}
